import { availableParallelism } from "node:os";
import { LIMITS } from "@infernet/schemas/limits";
import type { MicroAmount } from "@infernet/schemas/money";
import type { Command } from "commander";
import { openEngines } from "../engine/open-engines.ts";
import { createRunner } from "../runner.ts";
import { RunnerError } from "../runner-error.ts";
import { addExamples, edgeOption, homeOption, jsonOption } from "./common-options.ts";
import { createHumanLog } from "./human-log.ts";
import { createJsonLog } from "./json-log.ts";
import { parseCount, parseMicro, parseText } from "./parse-options.ts";
import { reporting } from "./reporting.ts";
import { onStopSignals } from "./stop-signals.ts";

interface StartFlags {
  edge: string;
  home: string;
  threads: number;
  cacheBytes: number;
  name?: string;
  owner?: string;
  payout?: string;
  asking?: MicroAmount;
  referee?: boolean;
  json?: boolean;
}

const NAME_CHARS_MAX = 64;

/** `infernet-runner start`: works for an edge. */
export function addStartCommand(program: Command): void {
  const command = program
    .command("start")
    .description("work for an edge until stopped")
    .addOption(edgeOption().makeOptionMandatory())
    .addOption(homeOption())
    .option("--threads <n>", "threads of one model", parseCount, availableParallelism())
    .option(
      "--cache-bytes <n>",
      "most bytes of models and inputs kept",
      parseCount,
      LIMITS.runner_cache_bytes_default,
    )
    .option("--name <name>", "a name that people see", parseText(NAME_CHARS_MAX))
    .option(
      "--owner <text>",
      "who runs it: machines of one owner never check each other",
      parseText(LIMITS.owner_chars_max),
    )
    .option(
      "--payout <text>",
      "where its earnings go: machines of one address never check each other",
      parseText(LIMITS.owner_chars_max),
    )
    .option(
      "--asking <micro>",
      "least that an hour of one core must pay, in micro-units; jobs that pay less are not offered",
      parseMicro,
    )
    .option("--referee", "offer to decide disagreements, and nothing else; the operator must trust this id")
    .addOption(jsonOption("log one JSON object a line"))
    .action(start);
  addExamples(command, "infernet-runner start --edge https://edge.example");
}

async function start({ threads, cacheBytes, json, ...named }: StartFlags): Promise<void> {
  const write = (line: string): void => void process.stdout.write(line);
  const log = (json ? createJsonLog : createHumanLog)(write, () => new Date());
  await reporting(log, async () => {
    const { engines, missing } = await openEngines({ home: named.home, threads, memory_bytes_max: null });
    if (engines.length === 0) {
      const reasons = missing.map(({ engine, reason, fix }) => `${engine}: ${reason}. ${fix}`);
      throw new RunnerError("engine_missing", `No engine works on this machine. ${reasons.join(" ")}`);
    }
    const runner = await createRunner({ ...named, engines, log, cache_bytes_max: cacheBytes });
    const forget = onStopSignals(() => runner.drain());
    await runner.run().finally(forget);
  });
}
