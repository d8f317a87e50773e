import { DEFAULT_HOME } from "../cli/parse-options.ts";

/** The command that a person types next, for the same edge and machine; fit for a shell. */
export function commandLine(
  command: "earnings" | "withdraw",
  { edge, home }: { edge: string; home: string },
): string {
  const words = ["infernet-runner", command, "--edge", edge];
  if (home !== DEFAULT_HOME) words.push("--home", home);
  return words.map(quoted).join(" ");
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
