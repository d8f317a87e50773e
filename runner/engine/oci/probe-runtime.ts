import { Readable } from "node:stream";
import { LIMITS } from "@infernet/schemas/limits";
import { containerArgs } from "./container-args.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { type ContainerLabels, nameImage, nextContainerName } from "./container-identity.ts";
import { buildImageArchive } from "./image-archive.ts";
import { portableNode } from "./portable-node.ts";
import type { RuntimeChoice } from "./runtime-candidates.ts";

export const PROBE_TAG = "probe";

/** Brings an image that holds no file to the machine, and returns its id: what runs in it is mounted. */
export async function loadProbeImage(
  { cli, os, arch }: ContainerEngine,
  labels: ContainerLabels,
): Promise<string> {
  const name = nameImage(labels, PROBE_TAG);
  const inspect = ["image", "inspect", "--format", "{{.Id}}", name];
  const present = await cli.call(inspect).catch(() => null);
  if (present !== null) return present;
  const archive = buildImageArchive({ os, arch, files: [], entrypoint: ["/none"], name });
  await cli.call(["load"], { stdin: Readable.from([archive]) });
  return cli.call(inspect);
}

/**
 * Runs a container as models are run, with this machine's Node in it. Null where that worked, else what was said instead:
 * an engine that answers may still have a runtime that refuses the machine, or no right to limit memory.
 */
export async function probeRuntime(
  { cli }: ContainerEngine,
  runtime: RuntimeChoice,
  image: string,
  labels: ContainerLabels,
): Promise<string | null> {
  const node = portableNode();
  const name = nextContainerName();
  const args = containerArgs(cli.name, runtime.args, {
    name,
    labels,
    image,
    memory_bytes: LIMITS.oci_relay_memory_bytes,
    cpus: 1,
    gpu: false,
    interactive: false,
    mounts: node?.mounts ?? [],
    ...(node ? { program: [...node.command, "--version"] } : {}),
  });
  try {
    const said = await cli.call(args, { timeout_ms: LIMITS.oci_probe_ms_max });
    return said.endsWith(process.version) ? null : `a container printed '${said}'`;
  } catch (error) {
    await cli.call(["rm", "--force", name]).catch(() => undefined);
    const said = error instanceof Error ? error.message : String(error);
    // Without a program to run, having come as far as to miss it is all that can be asked.
    return node === null && /\/none/.test(said) ? null : said;
  }
}
