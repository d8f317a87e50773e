import { resolve } from "node:path";
import type { MeasuredSpeed } from "@infernet/schemas/challenge";
import type { Command } from "commander";
import { addExamples, configOption, homeOption, jsonOption } from "../cli/common-options.ts";
import { enginesWantedOf } from "../cli/open-engines-of.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { loadSettings } from "../config/load-settings.ts";
import { openEngines } from "../engine/open-engines.ts";
import { detectMachine } from "../hardware/machine/detect-machine.ts";
import { type KnownModel, listKnownModels } from "../models/known-models.ts";
import { listModels } from "../models/list-models.ts";
import { readCache, readLoaded } from "../models/read-cache.ts";
import { benchModels, type SkippedModel } from "./bench-models.ts";
import { type Benchmark, BenchmarkBook, readBenchmarks } from "./benchmark-book.ts";
import { measureCores } from "./measure-cores.ts";
import { measureMemoryBandwidth } from "./memory-bandwidth.ts";
import { renderBench } from "./render-bench.ts";

interface BenchFlags {
  home: string;
  config?: string;
  json?: boolean;
}

export interface BenchReport {
  cores: MeasuredSpeed;
  memory_bytes_per_s: number;
  /** Measured now or while it worked, the latest first. */
  models: (Benchmark & { names: string[] })[];
  skipped: SkippedModel[];
}

/** `infernet-runner bench`: how fast this machine is. */
export function addBenchCommand(program: Command): void {
  const command = program
    .command("bench")
    .description("measure this machine: cores, memory, and each model that is in the cache")
    .addOption(homeOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((flags: BenchFlags) => reporting(createErrorLog(), () => bench(flags)));
  addExamples(command, "infernet-runner bench", "infernet-runner bench --json");
}

async function bench(flags: BenchFlags): Promise<void> {
  const home = resolve(flags.home);
  const { signal } = new AbortController();
  const say = (what: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
  };
  say("measuring cores ...");
  const { cpu_cores } = await detectMachine(home);
  const cores = await measureCores(cpu_cores, signal);
  say("measuring memory ...");
  const memory_bytes_per_s = measureMemoryBandwidth();
  const known = await listKnownModels(home);
  const skipped = await benchKnown(known, { ...flags, home }, signal, say);
  say("");
  const namesOf = new Map(known.map(({ digest, names }) => [digest, [...names] as string[]]));
  const measured = await readBenchmarks(home);
  const models = measured.map((one) => ({ ...one, names: namesOf.get(one.model) ?? [] }));
  const report: BenchReport = { cores, memory_bytes_per_s, models, skipped };
  process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : renderBench(report));
}

/** The models whose files are here; without any no engine is opened. */
async function benchKnown(
  known: readonly KnownModel[],
  { home, config }: BenchFlags,
  signal: AbortSignal,
  say: (what: string) => void,
): Promise<SkippedModel[]> {
  const { models } = listModels(known, await readCache(home), await readLoaded(home));
  const here = new Set(
    models.flatMap(({ digest, files, files_here }) => (files === files_here ? [digest] : [])),
  );
  const whole = known.filter(({ digest }) => here.has(digest));
  if (whole.length === 0) return [];
  const { values } = await loadSettings({ home, config, env: process.env });
  const { engines } = await openEngines({ ...enginesWantedOf(home, values), onProgress: say });
  const book = await BenchmarkBook.open(home);
  const onModel = ({ names, digest }: KnownModel): void =>
    say(`measuring ${names.join(", ") || digest.slice(0, 12)} ...`);
  const skipped = await benchModels(whole, { home, engines, book, signal, onModel });
  await book.close();
  return skipped;
}
