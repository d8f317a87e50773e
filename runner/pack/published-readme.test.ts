import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { publishedReadme } from "./published-readme.ts";

it("keeps links inside the README and to the web, and the words of those that lead out of the package", () => {
  const text = "See [home](#at-home), [docs](../docs/a.md#b) and [Node](https://nodejs.org).";
  expect(publishedReadme(text)).toBe("See [home](#at-home), docs and [Node](https://nodejs.org).");
});

it("leaves no relative link in the real one", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(publishedReadme(readme)).not.toMatch(/\]\((?!https?:|#)/);
});
