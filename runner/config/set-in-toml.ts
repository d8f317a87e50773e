import { stringify } from "smol-toml";
import { splitKey } from "./parse-config.ts";
import type { SettingKey } from "./settings.ts";

/**
 * A file with a setting changed and everything else left as it stands, comments too: the line that sets it is replaced, or
 * the comment that explains it gives way to it, or it is added to its table.
 */
export function setInToml(
  text: string,
  key: SettingKey,
  value: string | number | boolean | string[],
): string {
  const { table, name } = splitKey(key);
  const line = `${name} = ${stringify({ value }).slice("value = ".length).trimEnd()}`;
  const lines = text.split("\n");
  const { start, end } = rangeOf(lines, table);
  if (start === null) return `${text.trimEnd()}\n\n[${table}]\n${line}\n`;
  const found = indexIn(lines, start, end, new RegExp(`^\\s*${name}\\s*=`));
  const commented = indexIn(lines, start, end, new RegExp(`^#\\s*${name}\\s*=`));
  const place = found ?? commented;
  if (place !== null) lines[place] = line;
  else lines.splice(end, 0, line);
  return lines.join("\n");
}

/** The lines of a table, from the one after its header up to the next header; start is null when there is no such table. */
function rangeOf(lines: readonly string[], table: string | null): { start: number | null; end: number } {
  const isHeader = (line: string): boolean => /^\s*\[/.test(line);
  const header = table === null ? -1 : lines.findIndex((line) => tableOf(line) === table);
  if (table !== null && header === -1) return { start: null, end: lines.length };
  const next = lines.findIndex((line, index) => index > header && isHeader(line));
  let end = next === -1 ? lines.length : next;
  while (end > header + 1 && lines[end - 1]?.trim() === "") end -= 1;
  return { start: header + 1, end };
}

const tableOf = (line: string): string | undefined => /^\s*\[\s*([^[\]]+?)\s*\]/.exec(line)?.[1];

function indexIn(lines: readonly string[], start: number, end: number, pattern: RegExp): number | null {
  const index = lines.slice(start, end).findIndex((line) => pattern.test(line));
  return index === -1 ? null : start + index;
}
