import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
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

it("docs/dependencies.md has a line for every dependency of every workspace", () => {
  const page = read("docs/dependencies.md");
  const manifests = ["", "schemas/", "protocol/", "db/", "edge/", "runner/", "e2e/"].map((folder) =>
    read(`${folder}package.json`),
  );
  const names = manifests.flatMap((text) => {
    const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = JSON.parse(text);
    return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  });
  const missing = [...new Set(names)]
    .filter((name) => !name.startsWith("@infernet/") && name !== "infernet-runner")
    .filter((name) => !page.includes(`\`${name}\``));
  expect(missing).toEqual([]);
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
