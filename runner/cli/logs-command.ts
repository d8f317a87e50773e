import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { logPath } from "../log/log-file.ts";
import { followLog, readLastLines } from "../log/read-log.ts";
import { RunnerError } from "../runner-error.ts";
import { addExamples, homeOption, jsonOption } from "./common-options.ts";
import { parseCount } from "./parse-options.ts";
import { renderLogLine } from "./render-log-line.ts";
import { createErrorLog, reporting } from "./reporting.ts";

interface LogsFlags {
  home: string;
  lines: number;
  follow?: boolean;
  json?: boolean;
}

const LINES_SHOWN = 50;

/** `infernet-runner logs`: what the runner told, kept in its home. */
export function addLogsCommand(program: Command): void {
  const command = program
    .command("logs")
    .description("show what the runner told lately; it need not run")
    .addOption(homeOption())
    .addOption(new Option("-n, --lines <n>", "events shown").argParser(parseCount).default(LINES_SHOWN))
    .option("-f, --follow", "go on with what it tells from now on")
    .addOption(jsonOption("print the lines as they are kept, one JSON object each"))
    .action((flags: LogsFlags) => reporting(createErrorLog(), () => logs(flags)));
  addExamples(command, "infernet-runner logs --follow", "infernet-runner logs --lines 1000 --json");
}

async function logs({ home, lines, follow = false, json = false }: LogsFlags): Promise<void> {
  const path = logPath(resolve(home));
  const write = (line: string): void => {
    const text = json ? line : renderLogLine(line);
    if (text !== null) process.stdout.write(`${text}\n`);
  };
  // A reader that has enough, as `head` has, ends it.
  process.stdout.on("error", () => process.exit(0));
  const last = await readLastLines(path, lines);
  if (last === null && !follow) throw new RunnerError("log_missing", `there is no log in ${path}`);
  for (const line of last ?? []) write(line);
  if (!follow) return;
  for await (const line of followLog(path, new AbortController().signal)) write(line);
}
