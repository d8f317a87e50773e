import { readFileSync, writeFileSync } from "node:fs";
import type { Table } from "./render-tables.ts";

/** Pages under docs/ that have tables of a simulation. */
type Page = "verification.md" | "peers-at-scale.md";

const begin = (name: string): string => `<!-- npm run sim: ${name} -->`;
const END = "<!-- end -->";

/** Puts the tables between their markers in a page. @throws Error when a marker is missing */
export function writePage(page: Page, tables: readonly Table[]): void {
  const url = new URL(`../../docs/${page}`, import.meta.url);
  let text = readFileSync(url, "utf8");
  for (const table of tables) text = replaceBetween(page, text, table.name, renderMarkdown(table));
  writeFileSync(url, text);
}

function replaceBetween(where: Page, page: string, name: string, text: string): string {
  const start = page.indexOf(begin(name));
  const end = page.indexOf(END, start);
  if (start < 0 || end < 0) throw new Error(`docs/${where} has no place for the table "${name}"`);
  return `${page.slice(0, start)}${begin(name)}\n${text}\n${page.slice(end)}`;
}

function renderMarkdown({ header, rows }: Table): string {
  const render = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [render(header), render(header.map((_, n) => (n === 0 ? "---" : "---:"))), ...rows.map(render)].join(
    "\n",
  );
}
