import type { EdgeFlags } from "../cli/edge-of.ts";
import { DEFAULT_HOME } from "../cli/parse-options.ts";

/** The command that a person types next, for the same edge and machine; fit for a shell. */
export function commandLine(command: "earnings" | "withdraw", { edge, home, config }: EdgeFlags): string {
  const words = ["infernet-runner", command];
  if (edge !== undefined) words.push("--edge", edge);
  if (config !== undefined) words.push("--config", config);
  if (home !== DEFAULT_HOME) words.push("--home", home);
  return words.map(quoted).join(" ");
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
