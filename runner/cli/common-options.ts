import { type Command, Option } from "commander";
import { DEFAULT_HOME, parseEdge } from "./parse-options.ts";

/** Options that commands share, each worded once. An environment variable stands in for a flag that is not given. */

export const homeOption = (about = "folder of this runner: identity, settings, cache"): Option =>
  new Option("--home <dir>", about).default(DEFAULT_HOME).env("INFERNET_HOME");

export const edgeOption = (about = "address of the edge"): Option =>
  new Option("--edge <url>", about).argParser(parseEdge).env("INFERNET_EDGE");

export const jsonOption = (about = "print one JSON object"): Option => new Option("--json", about);

/** Lines that a person can type as they stand, under the help of a command. */
export function addExamples(command: Command, ...lines: string[]): Command {
  const list = lines.map((line) => `  $ ${line}`).join("\n");
  return command.addHelpText("after", `\nExamples:\n${list}`);
}
