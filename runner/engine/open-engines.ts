import type { Engine as EngineName } from "@infernet/schemas/model";
import { reachesSandbox, type SandboxLevel } from "@infernet/schemas/sandbox";
import { detectSandboxes, type SandboxFinding } from "../sandbox/detect-sandboxes.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Engine } from "./engine.ts";
import { EngineMissing } from "./engine-missing.ts";
import { openOnnx } from "./onnx/open-onnx.ts";
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
  /** Told what takes long, as installing an engine does. */
  onProgress?(detail: string): void;
}

/** What an opener has to go by. */
export interface EngineContext extends EnginesWanted {
  sandboxes: readonly SandboxFinding[];
  /** The most that a child process of this package can be held to here. */
  childSandbox: Sandbox;
}

export interface EngineOpener {
  engine: EngineName;
  /** Tries the engine on this machine. Throws `EngineMissing`. */
  open(context: EngineContext): Promise<Engine>;
}

export interface MissingEngine {
  engine: EngineName;
  reason: string;
  fix: string;
}

export interface OpenedEngines {
  engines: Engine[];
  missing: MissingEngine[];
  sandboxes: SandboxFinding[];
}

/** In the order of preference. */
const OPENERS: readonly EngineOpener[] = [
  { engine: "onnx", open: openOnnx },
  {
    engine: "wasm",
    open: async ({ childSandbox, memory_bytes_max }) =>
      createWasmEngine({ sandbox: childSandbox, memory_bytes_max }),
  },
];

/** The engines that work on this machine, each tried, and why the others do not. */
export async function openEngines(wanted: EnginesWanted): Promise<OpenedEngines> {
  const { findings: sandboxes, best: childSandbox } = await detectSandboxes();
  const context = { ...wanted, sandboxes, childSandbox };
  const found = await Promise.all(OPENERS.map((opener) => openOne(opener, context)));
  return {
    engines: found.flatMap((one) => ("offer" in one ? [one] : [])),
    missing: found.flatMap((one) => ("offer" in one ? [] : [one])),
    sandboxes,
  };
}

async function openOne(
  { engine, open }: EngineOpener,
  context: EngineContext,
): Promise<Engine | MissingEngine> {
  try {
    const opened = await open(context);
    const { sandbox } = opened.offer;
    const least = context.sandbox ?? "none";
    if (reachesSandbox(sandbox, least)) return opened;
    return {
      engine,
      reason: `holds models to '${sandbox}' at most on this machine; the least that is wanted is '${least}'`,
      fix: "Ask for a lower sandbox level, or see `infernet-runner doctor` for what the level needs.",
    };
  } catch (error) {
    if (!(error instanceof EngineMissing)) throw error;
    return { engine, reason: error.message, fix: error.fix };
  }
}

/** For a person: why none of them works, each with what would help. */
export function explainMissing(missing: readonly MissingEngine[]): string {
  const reasons = missing.map(({ engine, reason, fix }) => `${engine}: ${reason}. ${fix}`);
  return `No engine works on this machine. ${reasons.join(" ")}`;
}
