import { type Command, Option } from "commander";
import { DEFAULT_HOME, parseEdge } from "./parse-options.ts";

/** Options that commands share, each worded once. */

export const homeOption = (about = "folder of this runner: identity, settings, cache"): Option =>
  new Option("--home <dir>", about).default(DEFAULT_HOME).env("INFERNET_HOME");

export const configOption = (): Option =>
  new Option("--config <file>", "settings (default: config.toml in the home)").env("INFERNET_CONFIG");

/** Without it the edge of the settings is asked: see `edgeOf`. */
export const edgeOption = (about = "address of the edge (default: the one in the settings)"): Option =>
  new Option("--edge <url>", about).argParser(parseEdge);

export const jsonOption = (about = "print one JSON object"): Option => new Option("--json", about);

/** Lines that a person can type as they stand, under the help of a command. */
export function addExamples(command: Command, ...lines: string[]): Command {
  const list = lines.map((line) => `  $ ${line}`).join("\n");
  return command.addHelpText("after", `\nExamples:\n${list}`);
}
