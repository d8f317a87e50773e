import type { Engine as EngineName } from "@infernet/schemas/model";
import { reachesSandbox, type SandboxLevel } from "@infernet/schemas/sandbox";
import { findBestSandbox, type SandboxFinding } from "../sandbox/detect-sandboxes.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { createEmbeddingsEngine } from "./embeddings/embeddings-engine.ts";
import { type AnyEngine, isOffered } from "./engine.ts";
import { EngineMissing } from "./engine-missing.ts";
import { createLlmEngine } from "./llm/llm-engine.ts";
import { type ContainerChoice, clisOf } from "./oci/container-choice.ts";
import { openOci } from "./oci/open-oci.ts";
import { chooseProvider } from "./onnx/choose-provider.ts";
import { createOnnxEngine } from "./onnx/onnx-engine.ts";
import { type OpenaiWanted, openOpenai } from "./openai/open-openai.ts";
import { createWasmEngine } from "./wasm/wasm-engine.ts";

export interface EnginesWanted {
  /** Folder of the runner: engines are installed beneath it. */
  home: string;
  /** Threads of one model. */
  threads: number;
  /** Most bytes of memory that one model may take; null where only the machine limits it. */
  memory_bytes_max: number | null;
  /** The least that the operator wants models held to; an engine that cannot hold them to it is not offered. */
  sandbox?: SandboxLevel;
  /** What runs container images, and whether they may come from private registries; else whatever answers, and not. */
  containers?: { engine: ContainerChoice; private_registries: boolean };
  /** Servers of the OpenAI API; without it none is asked. */
  openai?: OpenaiWanted;
  /** Whether to go by what worked lately, and to write that down in the home; else everything is tried. Default true. */
  remember?: boolean;
  /** Told what takes long, as installing an engine does. */
  onProgress?(detail: string): void;
}

/** What an opener has to go by. */
export interface EngineContext extends EnginesWanted {
  /** The most that a child process of this package can be held to here. */
  childSandbox: Sandbox;
}

export interface EngineOpener {
  engine: EngineName;
  /**
   * Tries the engine on this machine; several are one on several execution providers, or of several servers. Throws
   * `EngineMissing` where there is none, and names those that are missed beside the others.
   */
  open(context: EngineContext): Promise<AnyEngine | readonly (AnyEngine | MissingEngine)[]>;
}

export interface MissingEngine {
  engine: EngineName;
  reason: string;
  fix: string;
}

export interface OpenedEngines {
  engines: AnyEngine[];
  missing: MissingEngine[];
  sandboxes: SandboxFinding[];
}

/** In the order of preference. */
const OPENERS: readonly EngineOpener[] = [
  { engine: "onnx", open: async (context) => createOnnxEngine(await chooseProvider(context)) },
  { engine: "llm", open: async (context) => createLlmEngine(await chooseProvider(context)) },
  { engine: "embeddings", open: async (context) => createEmbeddingsEngine(await chooseProvider(context)) },
  {
    engine: "wasm",
    open: async ({ childSandbox, memory_bytes_max }) =>
      createWasmEngine({ sandbox: childSandbox, memory_bytes_max }),
  },
  {
    engine: "oci",
    open: ({ home, threads, memory_bytes_max, containers, remember = true }) =>
      openOci({
        home,
        threads,
        memory_bytes_max,
        clis: clisOf(containers?.engine ?? "auto"),
        private_registries: containers?.private_registries ?? false,
        remember,
      }),
  },
  { engine: "openai", open: async ({ openai }) => (openai === undefined ? [] : openOpenai(openai)) },
];

/** What an owner has switched off is not missed. */
const openersOf = ({ containers }: EnginesWanted): readonly EngineOpener[] =>
  OPENERS.filter(({ engine }) => engine !== "oci" || containers?.engine !== "off");

/** The engines that work on this machine, each tried, and why the others do not. */
export async function openEngines(wanted: EnginesWanted): Promise<OpenedEngines> {
  const { findings: sandboxes, best: childSandbox } = await findBestSandbox();
  const context = { ...wanted, childSandbox };
  const found = (await Promise.all(openersOf(wanted).map((opener) => openOne(opener, context)))).flat();
  const engines = found.flatMap((one) => ("offer" in one ? [one] : []));
  const missing = found.flatMap((one) => ("offer" in one ? [] : [one]));
  return { engines, missing, sandboxes: [...sandboxes, ...listContainerLevels(found)] };
}

/** The levels that are a matter of the container engine alone, as its opener found them. */
function listContainerLevels(found: readonly (AnyEngine | MissingEngine)[]): SandboxFinding[] {
  const levels = found.flatMap((one) =>
    "offer" in one && one.offer.engine === "oci" ? [one.offer.sandbox] : [],
  );
  const missing = found.find((one): one is MissingEngine => !("offer" in one) && one.engine === "oci");
  const { reason, fix } = missing ?? (levels.length > 0 ? NO_GVISOR : SWITCHED_OFF);
  return (["oci", "gvisor"] as const).map((level) =>
    levels.some((reached) => reachesSandbox(reached, level))
      ? { level, usable: true, reason: null, fix: null }
      : { level, usable: false, reason, fix },
  );
}

const NO_GVISOR = {
  reason: "no container runs in it here",
  fix: "Install gVisor (https://gvisor.dev/docs/user_guide/install) for the container engine.",
};
const SWITCHED_OFF = {
  reason: "containers are switched off",
  fix: "Set `engine` in `[containers]` to `auto`.",
};

async function openOne(
  { engine, open }: EngineOpener,
  context: EngineContext,
): Promise<(AnyEngine | MissingEngine)[]> {
  try {
    const least = context.sandbox ?? "none";
    return [await open(context)].flat().flatMap((opened): (AnyEngine | MissingEngine)[] => {
      if (!("offer" in opened)) return [opened];
      const { sandbox } = opened.offer;
      if (reachesSandbox(sandbox, least)) return [opened];
      // Nobody misses what is not there anyway.
      if (!isOffered(opened)) return [];
      return [
        {
          engine,
          reason: `holds models to '${sandbox}' at most on this machine; the least that is wanted is '${least}'`,
          fix: "Ask for a lower sandbox level, or see `infernet-runner doctor` for what the level needs.",
        },
      ];
    });
  } catch (error) {
    if (!(error instanceof EngineMissing)) throw error;
    return [{ engine, reason: error.message, fix: error.fix }];
  }
}

/** For a person: why none of them works, each with what would help. */
export function explainMissing(missing: readonly MissingEngine[]): string {
  const reasons = missing.map(({ engine, reason, fix }) => `${engine}: ${reason}. ${fix}`);
  return `No engine works on this machine. ${reasons.join(" ")}`;
}
