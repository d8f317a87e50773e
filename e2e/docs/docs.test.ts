import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { placeSettings } from "./place-settings.ts";
import { renderErrors } from "./render-errors.ts";
import { renderLimits } from "./render-limits.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

it("docs/limits.md says what schemas/limits.ts says (npm run docs writes it)", () => {
  expect(read("docs/limits.md")).toBe(renderLimits(read("schemas/limits.ts")));
});

it("docs/errors.md says what the catalogue says (npm run docs writes it)", () => {
  expect(read("docs/errors.md")).toBe(renderErrors());
});

it("runner/README.md has every setting of the runner (npm run docs writes them)", () => {
  const readme = read("runner/README.md");
  expect(readme).toContain("| `cores` in `[limits]` |");
  expect(readme).toBe(placeSettings(readme));
});

it("docs/dependencies.md has a line for every dependency of every workspace, and for nothing else", () => {
  const folders = ["", "schemas/", "protocol/", "db/", "edge/", "runner/", "escrow/", "e2e/"];
  const used = folders.flatMap((folder) => {
    const manifest = JSON.parse(read(`${folder}package.json`));
    const { dependencies, devDependencies, optionalDependencies, overrides } = manifest;
    return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides });
  });
  const foreign = used.filter((name) => !name.startsWith("@infernet/") && name !== "infernet-runner");
  const firstCells = read("docs/dependencies.md").match(/^\| `.*?\|/gm) ?? [];
  const listed = firstCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  expect(new Set(listed)).toEqual(new Set(foreign));
});

it("every link between the documents leads to a file that exists", () => {
  const pages = [
    "README.md",
    ...readdirSync(new URL("docs/", root))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ];
  const broken: string[] = [];
  for (const page of pages) {
    for (const [, target] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)) {
      try {
        readFileSync(new URL(target ?? "", new URL(page, root)));
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EISDIR"))
          broken.push(`${page}: ${target}`);
      }
    }
  }
  expect(broken).toEqual([]);
});
