import { availableParallelism } from "node:os";
import { LIMITS } from "@infernet/schemas/limits";
import type { MicroAmount } from "@infernet/schemas/money";
import { Command } from "commander";
import { addCalibrateCommand } from "../calibrate/calibrate-command.ts";
import { addEarningsCommand } from "../earnings/earnings-command.ts";
import { addWithdrawCommand } from "../earnings/withdraw-command.ts";
import { createOnnxEngine } from "../engine/onnx/onnx-engine.ts";
import { loadIdentity } from "../identity/identity.ts";
import { createRunner, RUNNER_VERSION } from "../runner.ts";
import { RUNNER_ERRORS } from "../runner-error.ts";
import { plainSandbox } from "../sandbox/plain-sandbox.ts";
import { addVerifyCommand } from "../verify/verify-command.ts";
import { addAppealCommand } from "./appeal-command.ts";
import { createHumanLog } from "./human-log.ts";
import { createJsonLog } from "./json-log.ts";
import { DEFAULT_HOME, parseCount, parseEdge, parseMicro, parseText } from "./parse-options.ts";
import { createErrorLog, reporting } from "./reporting.ts";
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

/** The command line. Exit codes: see `RUNNER_ERRORS` and the README. */
export function createProgram(): Command {
  const program = new Command("infernet-runner")
    .description("Runs inference jobs for Infernet on this machine and earns for them.")
    .version(RUNNER_VERSION)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : RUNNER_ERRORS.usage.exit_code));
  addStartCommand(program);
  addIdCommand(program);
  addAppealCommand(program);
  addEarningsCommand(program);
  addWithdrawCommand(program);
  addVerifyCommand(program);
  addCalibrateCommand(program);
  return program;
}

function addStartCommand(program: Command): void {
  program
    .command("start")
    .description("work for an edge until stopped")
    .requiredOption("--edge <url>", "address of the edge", parseEdge)
    .option("--home <dir>", "folder of the identity and the cache", DEFAULT_HOME)
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
    .option("--json", "log one JSON object a line")
    .action(start);
}

function addIdCommand(program: Command): void {
  program
    .command("id")
    .description("print this runner's id, making the identity if there is none")
    .option("--home <dir>", "folder of the identity", DEFAULT_HOME)
    .action(({ home }: { home: string }) =>
      reporting(createErrorLog(), async () => {
        process.stdout.write(`${(await loadIdentity(home)).id}\n`);
      }),
    );
}

async function start({ threads, cacheBytes, json, ...named }: StartFlags): Promise<void> {
  const write = (line: string): void => void process.stdout.write(line);
  const log = (json ? createJsonLog : createHumanLog)(write, () => new Date());
  await reporting(log, async () => {
    const engines = [await createOnnxEngine({ sandbox: plainSandbox, threads })];
    const runner = await createRunner({ ...named, engines, log, cache_bytes_max: cacheBytes });
    const forget = onStopSignals(() => runner.drain());
    await runner.run().finally(forget);
  });
}
