import { styleText } from "node:util";
import type { Status } from "./check.ts";
import type { Diagnosis } from "./run-checks.ts";

const COLORS = { pass: "green", warn: "yellow", fail: "red" } as const;

/** One line a check, the fix beneath it, and what it comes to. Colours where `stream` takes them. */
export function renderDiagnosis(found: readonly Diagnosis[], stream: NodeJS.WriteStream): string {
  const width = Math.max(...found.map(({ name }) => name.length));
  const paint = (status: Status): string => styleText(COLORS[status], status.toUpperCase(), { stream });
  const lines = found.flatMap(({ name, status, detail, fix }) => [
    `${paint(status)}  ${name.padEnd(width)}  ${detail}`,
    ...(fix === null ? [] : [`      ${"".padEnd(width)}  -> ${fix}`]),
  ]);
  return `${[...lines, "", summarize(found)].join("\n")}\n`;
}

function summarize(found: readonly Diagnosis[]): string {
  const count = (status: Status): number => found.filter((one) => one.status === status).length;
  if (count("fail") > 0)
    return `${count("fail")} of ${found.length} checks failed: this machine cannot earn until they are mended.`;
  if (count("warn") > 0) return `Ready to work, with ${count("warn")} of ${found.length} checks to look at.`;
  return "Ready to work.";
}
