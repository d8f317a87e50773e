import { realpathSync } from "node:fs";
import { LIMITS } from "@infernet/schemas/limits";
import type { Settings } from "../config/settings.ts";
import { RunnerError } from "../runner-error.ts";
import type { ServicePlan } from "./service-plan.ts";

/** The runner itself, beside the share that models may take. */
const OWN_BYTES = 512 * 1024 ** 2;
/** Beyond what draining takes by itself. */
const MARGIN_SECONDS = 13;

interface Machine {
  memory_bytes: number;
  /** Node, and the program that was started with it. */
  node: string;
  program: string;
}

/** A service that starts the runner of this home within its owner's limits. Throws `service_passing`. */
export function planService(
  settings: Pick<Settings, "limits.memory_share" | "limits.cores">,
  { home, config }: { home: string; config?: string | undefined },
  { memory_bytes, node, program }: Machine,
): ServicePlan {
  if (/[/\\]_npx[/\\]/.test(program))
    throw new RunnerError(
      "service_passing",
      `${program} is npx's own copy, which goes when npx wants the room`,
    );
  const share = settings["limits.memory_share"];
  const drain_ms = LIMITS.runner_drain_ms_max + LIMITS.runner_flush_ms_max + LIMITS.runner_leave_ms_max;
  return {
    command: [
      node,
      program,
      "start",
      "--json",
      "--home",
      home,
      ...(config === undefined ? [] : ["--config", config]),
    ],
    memory_bytes_max: share === 1 ? null : Math.floor(memory_bytes * share) + OWN_BYTES,
    cores_max: settings["limits.cores"] ?? null,
    stop_seconds_max: Math.ceil(drain_ms / 1_000) + MARGIN_SECONDS,
  };
}

/** What this process runs, by names that last: links such as those of `npm install -g` are followed. */
export const thisProgram = (): Pick<Machine, "node" | "program"> => ({
  node: process.execPath,
  program: realpathSync(process.argv[1] ?? ""),
});
