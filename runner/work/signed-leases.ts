import { appendFileSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Lease } from "@infernet/schemas/runner";
import { RunnerError } from "../runner-error.ts";

/** Leases in one file: days of work, and a few megabytes. The file before it is kept, others are forgotten. */
const LEASES_PER_FILE = 50_000;

/**
 * Leases that this runner has signed an answer for, in files of its home. Two answers to one lease contradict each other
 * and cost the bond, and an engine need not give the same bytes twice: so a lease that comes again, also after a start anew,
 * is not worked on again.
 */
export class SignedLeases {
  readonly #path: string;
  readonly #max: number;
  #young: Set<string>;
  #old: Set<string>;

  /** Throws `home_unusable`. */
  constructor(home: string, max = LEASES_PER_FILE) {
    this.#path = join(home, "signed-leases");
    this.#max = max;
    this.#young = readLines(this.#path);
    this.#old = readLines(`${this.#path}.old`);
  }

  has(id: Lease["id"]): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  /** To be called before a signature is made. Throws Error when there is one for the lease, or it cannot be written down. */
  claim(id: Lease["id"]): void {
    if (this.has(id)) throw new Error(`an answer to ${id} was signed before`);
    if (this.#young.size >= this.#max) this.#turnOver();
    // A line of its own, whatever a crash has left before it.
    appendFileSync(this.#path, `\n${id}`, { mode: 0o600 });
    this.#young.add(id);
  }

  #turnOver(): void {
    renameSync(this.#path, `${this.#path}.old`);
    this.#old = this.#young;
    this.#young = new Set();
  }
}

function readLines(path: string): Set<string> {
  try {
    const lines = readFileSync(path, "utf8").split("\n");
    return new Set(lines.filter((line) => line !== ""));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return new Set();
    throw new RunnerError("home_unusable", `cannot read ${path}: ${String(error)}`, { cause: error });
  }
}
