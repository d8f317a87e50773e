import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import { ChildSession } from "../child/child-session.ts";
import type { Engine, Session } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { chooseMemory } from "./choose-memory.ts";
import { containerArgs, type ReadOnlyMount } from "./container-args.ts";
import { ContainerChild, type ContainerLaunch } from "./container-child.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { type ContainerLabels, nextContainerName } from "./container-identity.ts";
import { FRAME_VERSION } from "./frame.ts";
import { readImageSource } from "./image-source.ts";
import type { ImageStore } from "./image-store.ts";
import { type PortableNode, portableNode } from "./portable-node.ts";
import type { RuntimeChoice } from "./runtime-candidates.ts";
import { startReaper } from "./start-reaper.ts";

export interface OciEngineOptions {
  engine: ContainerEngine;
  runtime: RuntimeChoice;
  images: ImageStore;
  labels: ContainerLabels;
  /** Processor cores of one container. */
  cpus: number;
  /** Most bytes of memory of one container; null where only the machine limits it. */
  memory_bytes_max: number | null;
  /** Whether its containers get the machine's GPUs: then it is for models that need one, and for no other. */
  gpu: boolean;
}

/** Where the other files of a model lie in its container. */
const MODEL_FOLDER = "/model";

/** Models that are container images, each in a container of its own. */
export function createOciEngine(options: OciEngineOptions): Engine {
  const { runtime, gpu } = options;
  return {
    offer: {
      engine: "oci",
      version: String(FRAME_VERSION),
      execution_provider: gpu ? "cuda" : "cpu",
      formats: ["oci"],
      sandbox: runtime.level,
    },
    load: (manifest, dir) => loadContainer(options, manifest, dir),
  };
}

async function loadContainer(
  options: OciEngineOptions,
  manifest: ModelManifest,
  dir: string,
): Promise<Session> {
  const { engine, runtime, images, labels, cpus, gpu } = options;
  const { transport, gpu: needsGpu } = manifest.oci ?? { transport: { kind: "stdio" }, gpu: false };
  if (needsGpu && !gpu)
    throw new EngineFailure("model_unloadable", "the image needs a GPU; containers get none on this machine");
  const node = transport.kind === "http" ? needNode() : null;
  const memory_bytes = chooseMemory(manifest.memory_bytes, options.memory_bytes_max, node !== null);
  const image = await images.obtain(await readImageSource(manifest, dir));
  const mounts = modelMounts(manifest, dir);
  // The program is nobody, whom the runner's own umask may have shut out.
  for (const { from } of mounts) await chmod(from, 0o644);
  const launch = (): ContainerLaunch => {
    const name = nextContainerName();
    const args = containerArgs(engine.cli.name, runtime.args, {
      name,
      labels,
      image,
      memory_bytes,
      cpus,
      gpu,
      interactive: node === null,
      mounts: [...mounts, ...(node?.mounts ?? [])],
    });
    const relay =
      transport.kind === "http" && node
        ? [...node.command, node.relay, String(transport.port), transport.path, String(ANSWER_BYTES_MAX)]
        : null;
    return { cli: engine.cli, name, args, relay, memory_bytes, execution_provider: gpu ? "cuda" : "cpu" };
  };
  startReaper(engine.cli.name, labels);
  return ChildSession.load({
    engine: "oci",
    model: null,
    start: (events) => new ContainerChild(launch(), manifest, events),
  });
}

const ANSWER_BYTES_MAX = LIMITS.shard_output_bytes_max + LIMITS.oci_header_bytes_max;

function needNode(): PortableNode {
  const node = portableNode();
  if (node) return node;
  throw new EngineFailure(
    "model_unloadable",
    "this machine cannot reach a port inside a container: only a Linux build of Node with shared libraries can; an image that reads its standard input runs here",
  );
}

/** All files but the image itself. */
const modelMounts = ({ files, entry }: ModelManifest, dir: string): ReadOnlyMount[] =>
  files.flatMap(({ path }) =>
    path === entry ? [] : [{ from: join(dir, path), to: `${MODEL_FOLDER}/${path}` }],
  );
