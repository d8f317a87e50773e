import { existsSync } from "node:fs";
import type { Engine } from "../engine.ts";
import { EngineMissing } from "../engine-missing.ts";
import type { ContainerCliName } from "./container-cli.ts";
import { type ContainerEngine, findContainerEngine } from "./container-engine.ts";
import { type ContainerLabels, labelContainers } from "./container-identity.ts";
import { hasGpuSpec } from "./gpu-spec.ts";
import { imageLedgerFile } from "./image-ledger.ts";
import { createImageStore } from "./image-store.ts";
import { createOciEngine } from "./oci-engine.ts";
import { loadProbeImage, probeRuntime } from "./probe-runtime.ts";
import { rememberRuntimes } from "./remember-runtimes.ts";
import { type ContainerLevel, type RuntimeChoice, runtimeCandidates } from "./runtime-candidates.ts";
import { sweepContainers } from "./sweep-containers.ts";

export interface OciWanted {
  /** Folder of the runner. */
  home: string;
  /** Processor cores of one container. */
  threads: number;
  memory_bytes_max: number | null;
  /** The container engines to try, in order. */
  clis?: readonly ContainerCliName[];
  /** Use no level but these. */
  levels?: readonly ContainerLevel[];
  private_registries?: boolean;
  /** Whether to go by what worked lately, and to write that down; else everything is tried. */
  remember?: boolean;
}

/**
 * The containers of this machine: the strongest level that a container could really be run at, and where there are GPUs for
 * containers, a second engine that gives them. Throws `EngineMissing`.
 */
export async function openOci(wanted: OciWanted): Promise<Engine[]> {
  const { home, threads, memory_bytes_max, private_registries = false, remember = true } = wanted;
  const engine = await needEngine(wanted.clis);
  const labels = await labelContainers(home);
  await sweepContainers(engine.cli, labels);
  const candidates = runtimeCandidates(engine).filter(({ level }) => wanted.levels?.includes(level) ?? true);
  // gVisor needs a build and a driver that know each other to pass a GPU on; that is not tried.
  const hasGpu = hasGpuSpec(existsSync);
  let refusals: string[] = [];
  const tried = [
    engine.cli.name,
    engine.version,
    process.version,
    ...candidates.map(({ name }) => name),
    hasGpu,
  ];
  const tryAll = async (): Promise<string[]> => {
    const found = await tryRuntimes(engine, candidates, labels, hasGpu);
    refusals = found.refusals;
    return found.working.map(({ name }) => name);
  };
  const names = await (remember ? rememberRuntimes(home, tried.join(" "), Date.now(), tryAll) : tryAll());
  const working = candidates.filter(({ name }) => names.includes(name));
  const [best] = working;
  if (!best)
    throw new EngineMissing(
      `${engine.cli.name} answers, but runs no container: ${refusals.join("; ")}`,
      "Run a container by hand with `--memory 64m --network none` and see what it says; without root, cgroups must be delegated to the user.",
    );
  const images = createImageStore({ engine, labels, ledger: imageLedgerFile(home), private_registries });
  const options = { engine, images, labels, cpus: threads, memory_bytes_max };
  const engines = [createOciEngine({ ...options, runtime: best, gpu: false })];
  const plain = working.find(({ level }) => level === "oci");
  if (plain && hasGpu) engines.push(createOciEngine({ ...options, runtime: plain, gpu: true }));
  return engines;
}

async function needEngine(clis: readonly ContainerCliName[] | undefined): Promise<ContainerEngine> {
  const search = await findContainerEngine(clis);
  if ("found" in search) return search.found;
  throw new EngineMissing(
    `no container engine answers: ${search.tried.map(({ name, reason }) => `${name}: ${reason}`).join("; ")}`,
    "Install podman (`apt-get install podman`), or start docker and let this user speak to it.",
  );
}

/** Tries one after the other, until the strongest that works is found; and on to a plain one where GPUs need it. */
async function tryRuntimes(
  engine: ContainerEngine,
  candidates: readonly RuntimeChoice[],
  labels: ContainerLabels,
  needsPlain: boolean,
): Promise<{ working: RuntimeChoice[]; refusals: string[] }> {
  const working: RuntimeChoice[] = [];
  const refusals: string[] = [];
  const image = await loadProbeImage(engine, labels);
  for (const runtime of candidates) {
    const refusal = await probeRuntime(engine, runtime, image.id, labels);
    if (refusal === null) working.push(runtime);
    else refusals.push(`${runtime.name}: ${refusal}`);
    if (working.some(({ level }) => level === "oci" || !needsPlain)) break;
  }
  // Nobody waits for that: the runner has what it needs.
  void image.remove();
  return { working, refusals };
}
