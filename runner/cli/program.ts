import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import { Command, InvalidArgumentError } from "commander";
import { createOnnxEngine } from "../engine/onnx/onnx-engine.ts";
import { loadIdentity } from "../identity/identity.ts";
import { createRunner, RUNNER_VERSION } from "../runner.ts";
import { RUNNER_ERRORS, RunnerError } from "../runner-error.ts";
import type { Log } from "../work/runner-event.ts";
import { createHumanLog } from "./human-log.ts";
import { createJsonLog } from "./json-log.ts";
import { onStopSignals } from "./stop-signals.ts";

interface StartFlags {
  edge: string;
  home: string;
  threads: number;
  cacheBytes: number;
  name?: string;
  json?: boolean;
}

const HOME = join(homedir(), ".infernet");

/** The command line. Exit codes: see `RUNNER_ERRORS` and the README. */
export function createProgram(): Command {
  const program = new Command("infernet-runner")
    .description("Runs inference jobs for Infernet on this machine and earns for them.")
    .version(RUNNER_VERSION)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : RUNNER_ERRORS.usage.exit_code));
  program
    .command("start")
    .description("work for an edge until stopped")
    .requiredOption("--edge <url>", "address of the edge", parseEdge)
    .option("--home <dir>", "folder of the identity and the cache", HOME)
    .option("--threads <n>", "threads of one model", parseCount, availableParallelism())
    .option(
      "--cache-bytes <n>",
      "most bytes of models and inputs kept",
      parseCount,
      LIMITS.runner_cache_bytes_default,
    )
    .option("--name <name>", "a name that people see", parseName)
    .option("--json", "log one JSON object a line")
    .action(start);
  program
    .command("id")
    .description("print this runner's id, making the identity if there is none")
    .option("--home <dir>", "folder of the identity", HOME)
    .action(async ({ home }: { home: string }) => {
      await reporting(
        createHumanLog(
          (line) => process.stderr.write(line),
          () => new Date(),
        ),
        async () => {
          process.stdout.write(`${(await loadIdentity(home)).id}\n`);
        },
      );
    });
  return program;
}

async function start({ edge, home, threads, cacheBytes, name, json }: StartFlags): Promise<void> {
  const write = (line: string): void => void process.stdout.write(line);
  const log = (json ? createJsonLog : createHumanLog)(write, () => new Date());
  await reporting(log, async () => {
    const engines = [await createOnnxEngine({ threads })];
    const named = name === undefined ? {} : { name };
    const runner = await createRunner({ edge, home, engines, log, cache_bytes_max: cacheBytes, ...named });
    const forget = onStopSignals(() => runner.drain());
    await runner.run().finally(forget);
  });
}

async function reporting(log: Log, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    const { exit_code, hint } = RUNNER_ERRORS[error.code];
    log({ event: "fatal", code: error.code, detail: error.message, hint });
    process.exitCode = exit_code;
  }
}

function parseEdge(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError("It must be an http or https address, as in https://edge.example.");
  }
  return text;
}

function parseCount(text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
  return n;
}

function parseName(text: string): string {
  if (text.length < 1 || text.length > 64) throw new InvalidArgumentError("It must have 1 to 64 characters.");
  return text;
}
