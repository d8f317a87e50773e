import { Readable } from "node:stream";
import { LIMITS } from "@infernet/schemas/limits";
import { containerArgs } from "./container-args.ts";
import { CliRefused } from "./container-cli.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { type ContainerLabels, nameImage, nextContainerName } from "./container-identity.ts";
import { buildImageArchive } from "./image-archive.ts";
import { portableNode } from "./portable-node.ts";
import type { RuntimeChoice } from "./runtime-candidates.ts";

/** An image that holds no file, under a name of its own: what runs in it is mounted. */
export interface ProbeImage {
  id: string;
  /** Takes the name away, and the image with it where nobody else has one for it. */
  remove(): Promise<void>;
}

export async function loadProbeImage(
  { cli, os, arch }: ContainerEngine,
  labels: ContainerLabels,
): Promise<ProbeImage> {
  const name = nameImage(labels, nextContainerName());
  const archive = buildImageArchive({ os, arch, files: [], entrypoint: ["/none"], name });
  await cli.call(["load"], { stdin: Readable.from([archive]) });
  const id = await cli.call(["image", "inspect", "--format", "{{.Id}}", name]);
  return { id, remove: () => cli.call(["rmi", name]).then(NOTHING, NOTHING) };
}

const NOTHING = (): void => undefined;

/** What the container says before it takes more memory than it may have: proof that it ran, and its end that it is held. */
const SAID = "infernet runs";
const GREEDY = `console.log("${SAID}");
  const taken = [];
  while (taken.length < 64) taken.push(Buffer.alloc(${LIMITS.oci_relay_memory_bytes / 16}, 1));`;
/** 128 and SIGKILL. */
const KILLED = 137;

/**
 * Runs a container as models are run, with this machine's Node in it, which takes too much memory and has to be killed for it.
 * Null where that worked, else what happened instead: an engine that answers may still have a runtime that refuses the
 * machine, or one that ignores limits which it has no right to set.
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
    ...(node ? { program: [...node.command, "-e", GREEDY] } : {}),
  });
  try {
    await cli.call(args, { timeout_ms: LIMITS.oci_probe_ms_max });
    return "a container took more memory than it may have";
  } catch (error) {
    await cli.call(["rm", "--force", name]).catch(() => undefined);
    if (!(error instanceof CliRefused)) throw error;
    if (error.exit_code === KILLED && error.printed.includes(SAID)) return null;
    // Without a program to run, having come as far as to miss it is all that can be asked.
    return node === null && error.message.includes("/none") ? null : error.message;
  }
}
