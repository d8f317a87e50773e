import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { transform } from "esbuild";
import { z } from "zod";

const SourceMap = z.object({ sources: z.array(z.string()) });

/** What the Worker imports from beside itself. */
const BESIDE = /\bfrom ?"\.\/([^"]+)"/g;

/** Renders the API reference in a browser: 1.9 MB, which a machine that has no browser does without. */
const RENDERER = { script: "-swagger-ui-bundle.js", style: "-swagger-ui.css" } as const;

/** Takes the renderer's place, under its name. */
const NO_RENDERER = `function SwaggerUIBundle({ url }) {
  const link = Object.assign(document.createElement("a"), { href: url, textContent: url });
  document.querySelector("#reference").append("This aggregator has no renderer. The API's description is at ", link);
}
`;

/**
 * Puts the edge's Worker into `dir`, as `infernet-runner aggregate` runs it: without the white space, but with the names
 * that its source has, and without the renderer of the API reference.
 *
 * @param root the repository, with the Worker built
 * @returns every file that went into the Worker, relative to the repository
 */
export async function packAggregator(root: string, dir: string): Promise<string[]> {
  const built = join(root, "dist");
  const source = await readFile(join(built, "index.js"), "utf8").catch((cause: unknown) => {
    throw new Error("The Worker is not built: npm run build", { cause });
  });
  const { code } = await transform(source, {
    format: "esm",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
  });
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "index.js"), code);
  for (const [, name = ""] of code.matchAll(BESIDE)) {
    if (name.endsWith(RENDERER.script)) await writeFile(join(dir, name), NO_RENDERER);
    else if (name.endsWith(RENDERER.style)) await writeFile(join(dir, name), "");
    else await copyFile(join(built, name), join(dir, name));
  }
  await copyFile(join(root, "wrangler.toml"), join(dir, "wrangler.toml"));
  await cp(join(root, "db/index/migrations"), join(dir, "migrations"), {
    recursive: true,
    filter: (path) => !path.endsWith("meta") && !path.endsWith(".json"),
  });
  const map = SourceMap.parse(JSON.parse(await readFile(join(built, "index.js.map"), "utf8")));
  return map.sources
    .filter((path) => !path.includes("swagger-ui-dist"))
    .map((path) => relative(root, resolve(built, path)));
}
