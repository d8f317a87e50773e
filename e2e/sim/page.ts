import { readFileSync, writeFileSync } from "node:fs";
import type { Table } from "./render-tables.ts";

const PAGE = new URL("../../docs/verification.md", import.meta.url);

const begin = (name: string): string => `<!-- npm run sim: ${name} -->`;
const END = "<!-- end -->";

/** Puts the tables between their markers in docs/verification.md. @throws Error when a marker is missing */
export function writePage(tables: readonly Table[]): void {
  let page = readFileSync(PAGE, "utf8");
  for (const table of tables) page = replaceBetween(page, table.name, renderMarkdown(table));
  writeFileSync(PAGE, page);
}

function replaceBetween(page: string, name: string, text: string): string {
  const start = page.indexOf(begin(name));
  const end = page.indexOf(END, start);
  if (start < 0 || end < 0) throw new Error(`docs/verification.md has no place for the table "${name}"`);
  return `${page.slice(0, start)}${begin(name)}\n${text}\n${page.slice(end)}`;
}

function renderMarkdown({ header, rows }: Table): string {
  const render = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [render(header), render(header.map((_, n) => (n === 0 ? "---" : "---:"))), ...rows.map(render)].join(
    "\n",
  );
}
