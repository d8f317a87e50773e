import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { LIMITS } from "@infernet/schemas/limits";
import { z } from "zod";
import { writeJson } from "../write-json.ts";

/** How fast one model runs here, by the runs of about the last minute in its engine. */
export const Benchmark = z.strictObject({
  model: Sha256,
  execution_class: ExecutionClass,
  rows_per_s: z.number().min(0),
  ms_per_row: z.number().min(0),
  /** Rows that these figures come from. */
  rows: z.number().min(0),
  at_ms: z.int(),
});
export type Benchmark = z.infer<typeof Benchmark>;

const Stored = z.array(Benchmark);

/** Time in the engine that figures come from: what is older counts half as much, and half of that again. */
const WINDOW_MS = 60_000;
const WRITE_PAUSE_MS = 30_000;

const pathIn = (home: string): string => join(home, "benchmarks.json");

/** What was measured in a home, the latest first. */
export async function readBenchmarks(home: string): Promise<Benchmark[]> {
  try {
    return Stored.parse(JSON.parse(await readFile(pathIn(home), "utf8")));
  } catch {
    return [];
  }
}

interface Tally {
  rows: number;
  ms: number;
  at_ms: number;
}

/** How fast models run on this machine, kept in `benchmarks.json`. */
export class BenchmarkBook {
  readonly #home: string;
  readonly #now: () => number;
  readonly #tallies = new Map<string, Tally & Pick<Benchmark, "model" | "execution_class">>();
  #written_ms = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> = Promise.resolve();

  private constructor(home: string, now: () => number) {
    this.#home = home;
    this.#now = now;
  }

  static async open(home: string, now: () => number = Date.now): Promise<BenchmarkBook> {
    const book = new BenchmarkBook(home, now);
    for (const { model, execution_class, rows, ms_per_row, at_ms } of (await readBenchmarks(home)).reverse())
      book.#put(model, execution_class, { rows, ms: rows * ms_per_row, at_ms });
    return book;
  }

  /** A run of so many rows. Written down now and then, and by `close`. */
  note(model: Sha256, execution_class: ExecutionClass, rows: number, compute_ms: number): void {
    const known = this.#tallies.get(keyOf(model, execution_class));
    const before = known ?? { rows: 0, ms: 0 };
    const keep = before.ms > WINDOW_MS ? 0.5 : 1;
    const at_ms = this.#now();
    this.#put(model, execution_class, {
      rows: before.rows * keep + rows,
      ms: before.ms * keep + compute_ms,
      at_ms,
    });
    if (at_ms < this.#written_ms + WRITE_PAUSE_MS) return;
    this.#written_ms = at_ms;
    void this.#write();
  }

  /** The latest first. */
  list(): Benchmark[] {
    return [...this.#tallies.values()].reverse().map(({ model, execution_class, rows, ms, at_ms }) => ({
      model,
      execution_class,
      rows_per_s: ms === 0 ? 0 : (rows * 1_000) / ms,
      ms_per_row: rows === 0 ? 0 : ms / rows,
      rows,
      at_ms,
    }));
  }

  /** Writes down what is not yet. */
  close(): Promise<void> {
    return this.#tallies.size === 0 ? Promise.resolve() : this.#write();
  }

  #put(model: Sha256, execution_class: ExecutionClass, tally: Tally): void {
    const key = keyOf(model, execution_class);
    this.#tallies.delete(key);
    this.#tallies.set(key, { model, execution_class, ...tally });
    const [oldest] = this.#tallies.keys();
    if (this.#tallies.size > LIMITS.runner_benchmarks_max && oldest !== undefined)
      this.#tallies.delete(oldest);
  }

  /** A home that cannot be written to costs the figures, and nothing else. */
  #write(): Promise<void> {
    this.#writing = this.#writing
      .then(() => writeJson(pathIn(this.#home), this.list()))
      .catch(() => undefined);
    return this.#writing;
  }
}

const keyOf = (model: Sha256, execution_class: ExecutionClass): string => `${model} ${execution_class}`;
