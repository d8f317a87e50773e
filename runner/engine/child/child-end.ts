import { constants } from "node:os";
import type { FailureCode } from "@infernet/schemas/runner";

/** How a child ended, in words as in `was killed by SIGKILL`, and what that says about it. */
export interface ChildEnd {
  how: string;
  /** `killed`: by something outside, which says nothing about the model. `ended` covers crashes and everything else. */
  kind: "ended" | "killed" | "out_of_memory" | "violation";
}

/** Nothing that runs models sends itself these; a crash has others. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]);

/** What the JavaScript engine, C++ and C say last when memory is refused. */
const NO_MEMORY = /out of memory|bad_alloc|allocation failed|cannot allocate memory/i;

/** A shell and bubblewrap end with this and the number of the signal that ended their child. */
const SIGNAL_BASE = 128;

/**
 * @param code exit code, or null where a signal ended the process itself
 * @param stderr the last that it wrote to its error stream
 */
export function judgeEnd(code: number | null, signal: NodeJS.Signals | null, stderr: string): ChildEnd {
  const name = signal ?? signalOf(code);
  if (name === "SIGSYS") return { how: "asked the kernel for what no model needs", kind: "violation" };
  const how = name ? `was killed by ${name}` : `ended with exit code ${code}`;
  if (name && FROM_OUTSIDE.has(name)) return { how, kind: "killed" };
  if (code !== 0 && NO_MEMORY.test(stderr)) return { how: "ran out of memory", kind: "out_of_memory" };
  return { how, kind: "ended" };
}

export const END_CODES = {
  ended: "engine_crashed",
  killed: "engine_crashed",
  out_of_memory: "out_of_memory",
  violation: "sandbox_violation",
} as const satisfies Record<ChildEnd["kind"], FailureCode>;

function signalOf(code: number | null): string | undefined {
  if (code === null || code <= SIGNAL_BASE) return undefined;
  return Object.entries(constants.signals).find(([, number]) => number === code - SIGNAL_BASE)?.[0];
}
