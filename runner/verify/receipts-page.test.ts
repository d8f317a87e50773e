import { readFileSync } from "node:fs";
import { FINDINGS } from "@infernet/protocol/receipt/findings";
import { expect, test } from "vitest";

test("docs/receipts.md has a line for every finding, in its words", () => {
  const page = readFileSync(new URL("../../docs/receipts.md", import.meta.url), "utf8");
  const lines = page.match(/^\| `[a-z_]+` \| .* \|$/gm) ?? [];
  for (const [code, { title }] of Object.entries(FINDINGS))
    expect(lines).toContain(`| \`${code}\` | ${title} |`);
});
