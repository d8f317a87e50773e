import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";
import { CHILD_ENTRIES, type ChildEntry, LONE_ENTRIES } from "../entry-path.ts";
import { NODE_MAJOR_MIN } from "./node-version.ts";

const sourcesOf = (entries: readonly ChildEntry[]) =>
  Object.fromEntries(entries.map((entry) => [entry, `${entry}.ts`]));

/** The published programs and their sources. Children keep their place, which is where `entryPath` looks for them. */
const PROGRAMS = {
  bin: "pack/bin.ts",
  index: "index.ts",
  ...sourcesOf(CHILD_ENTRIES.filter((entry) => !LONE_ENTRIES.includes(entry))),
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
  const entryPoints = (sources: Record<string, string>) =>
    Object.entries(sources).map(([out, source]) => ({ out, in: join(runner, source) }));
  const settings = {
    absWorkingDir: root,
    outdir: dir,
    bundle: true,
    format: "esm",
    platform: "node",
    target: `node${NODE_MAJOR_MIN}`,
    legalComments: "none",
    metafile: true,
    logLevel: "error",
  } as const;
  const { metafile } = await build({
    ...settings,
    entryPoints: entryPoints(PROGRAMS),
    chunkNames: "[name]-[hash]",
    splitting: true,
    inject: [join(runner, "pack/with-resolvers.ts")],
    banner: { js: REQUIRE },
  });
  const { metafile: lone } = await build({ ...settings, entryPoints: entryPoints(sourcesOf(LONE_ENTRIES)) });
  assertChildrenFound(metafile);
  assertAlone(lone);
  assertPeersApart(metafile);
  await assertListed(root, metafile);
  return [...Object.keys(metafile.inputs), ...Object.keys(lone.inputs)];
}

/** Nothing lies beside what runs alone. */
function assertAlone({ outputs }: Metafile): void {
  for (const [path, { inputs }] of Object.entries(outputs))
    if (Object.keys(inputs).length > 1) throw new Error(`${path} runs alone and imports from this package`);
}

/** A runner that has no peers is not to load what they need. */
function assertPeersApart({ outputs }: Metafile): void {
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? [])
      if (kind === "import-statement") load(next);
  };
  for (const [path, { inputs }] of Object.entries(outputs)) if ("runner/runner.ts" in inputs) load(path);
  const peers = [...loaded].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
  const [found] = peers.filter((input) => input.startsWith("node_modules/libp2p/"));
  if (loaded.size === 0 || found !== undefined)
    throw new Error("a runner loads libp2p whether or not it has peers: import it where it joins them");
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
