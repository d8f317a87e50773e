import { availableParallelism, totalmem } from "node:os";
import type { Command } from "commander";
import { loadSettings, requireEdge } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import { explainMissing, type OpenedEngines, openEngines } from "../engine/open-engines.ts";
import { createRunner } from "../runner.ts";
import { RunnerError } from "../runner-error.ts";
import { addExamples, configOption, homeOption } from "./common-options.ts";
import { createHumanLog } from "./human-log.ts";
import { createJsonLog } from "./json-log.ts";
import { reporting } from "./reporting.ts";
import { runnerOptionsOf } from "./runner-options.ts";
import { addSettingOptions, settingFlags } from "./setting-options.ts";
import { onStopSignals } from "./stop-signals.ts";

interface StartFlags extends Record<string, unknown> {
  home: string;
  config?: string;
  json?: boolean;
}

/** `infernet-runner start`: works for an edge. */
export function addStartCommand(program: Command): void {
  const command = program
    .command("start")
    .description("work for an edge until stopped")
    .addOption(homeOption())
    .addOption(configOption());
  addSettingOptions(command)
    .option("--json", "log one JSON object a line; so it does where standard output is no terminal")
    .option("--no-json", "log lines for a person, wherever they go")
    .action(start);
  addExamples(
    command,
    "infernet-runner start",
    "infernet-runner start --edge https://edge.example --cores 4",
  );
}

async function start(flags: StartFlags): Promise<void> {
  const { home, config } = flags;
  const isJson = flags.json ?? !process.stdout.isTTY;
  const write = (line: string): void => void process.stdout.write(line);
  const log = (isJson ? createJsonLog : createHumanLog)(write, () => new Date());
  await reporting(log, async () => {
    const loaded = await loadSettings({ home, config, flags: settingFlags(flags), env: process.env });
    const { values } = loaded;
    const edge = requireEdge(loaded);
    const { engines, missing } = await openAny(home, values);
    const runner = await createRunner({ edge, home, engines, missing, log, ...runnerOptionsOf(values) });
    const forget = onStopSignals(() => runner.drain());
    await runner.run().finally(forget);
  });
}

/** The engines that work here. Throws `engine_missing` when none does. */
async function openAny(home: string, values: Settings): Promise<OpenedEngines> {
  const sandbox = values["limits.sandbox"];
  const opened = await openEngines({
    home,
    threads: threadsOf(values),
    memory_bytes_max: memoryOffered(values),
    containers: {
      engine: values["containers.engine"],
      private_registries: values["containers.private_registries"],
    },
    ...(sandbox === undefined ? {} : { sandbox }),
  });
  if (opened.engines.length > 0) return opened;
  throw new RunnerError("engine_missing", explainMissing(opened.missing));
}

/** Null where the owner sets no limit. */
const memoryOffered = (values: Settings): number | null =>
  values["limits.memory_share"] === 1 ? null : Math.floor(totalmem() * values["limits.memory_share"]);

const threadsOf = (values: Settings): number =>
  values["limits.threads"] ?? values["limits.cores"] ?? availableParallelism();
