/**
 * The line, counted from 1, on which `key` of a table is set in a TOML file, or that opens the table when `key` is null;
 * null when it is written another way, as in an inline table.
 */
export function findLine(text: string, table: string | null, key: string | null): number | null {
  let current: string | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^\s*\[\s*([^[\]]+?)\s*\]/.exec(line);
    if (header) {
      current = unquoted(header[1] ?? "");
      if (key === null && current === table) return index + 1;
      continue;
    }
    const found = /^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*=/.exec(line);
    if (found && key !== null && current === table && unquoted(found[1] ?? "") === key) return index + 1;
  }
  return null;
}

const unquoted = (name: string): string => name.replace(/^["']|["']$/g, "");
