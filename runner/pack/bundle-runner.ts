import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";
import { CHILD_ENTRIES } from "../entry-path.ts";
import { NODE_MAJOR_MIN } from "./node-version.ts";

/** The published programs and their sources. Children keep their place, which is where `entryPath` looks for them. */
const PROGRAMS = {
  bin: "pack/bin.ts",
  index: "index.ts",
  ...Object.fromEntries(CHILD_ENTRIES.map((entry) => [entry, `${entry}.ts`])),
};

/** Packages written for CommonJS ask for Node's modules by `require`. */
const REQUIRE =
  'import { createRequire as createRunnerRequire } from "node:module"; const require = createRunnerRequire(import.meta.url);';

/**
 * The runner and all it stands on as plain JavaScript in `dir`: not minified, for its owner may want to read it.
 *
 * @param root the repository
 * @returns every file that went into it, relative to the repository
 */
export async function bundleRunner(root: string, dir: string): Promise<string[]> {
  const runner = join(root, "runner");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(PROGRAMS).map(([out, source]) => ({ out, in: join(runner, source) })),
    outdir: dir,
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: `node${NODE_MAJOR_MIN}`,
    inject: [join(runner, "pack/with-resolvers.ts")],
    banner: { js: REQUIRE },
    legalComments: "none",
    metafile: true,
    logLevel: "error",
  });
  assertChildrenFound(metafile);
  await assertListed(root, metafile);
  return Object.keys(metafile.inputs);
}

/** `entryPath` looks for the children beside the file that it is in. */
function assertChildrenFound({ outputs }: Metafile): void {
  for (const [path, { inputs }] of Object.entries(outputs)) {
    const isInside = CHILD_ENTRIES.some((entry) => path.endsWith(`/${entry}.js`));
    if (isInside && "runner/entry-path.ts" in inputs)
      throw new Error(
        `${path} would look for children in its own folder: import entry-path.ts elsewhere too`,
      );
  }
}

/** A module that is named by its source, and not by `entryPath`, would be missing. */
async function assertListed(root: string, { outputs }: Metafile): Promise<void> {
  for (const path of Object.keys(outputs)) {
    const text = await readFile(resolve(root, path), "utf8");
    const [named] = text.match(/new URL\([^)]*\.ts["'`], *import\.meta\.url\)/) ?? [];
    if (named) throw new Error(`the bundle asks for ${named}: name it in CHILD_ENTRIES and use entryPath`);
  }
}
