import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import own from "../package.json" with { type: "json" };
import { bundleRunner } from "./bundle-runner.ts";
import { packAggregator } from "./pack-aggregator.ts";
import { packageManifest } from "./package-manifest.ts";
import { publishedReadme } from "./published-readme.ts";
import { renderNotice } from "./third-party.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What `npm pack --json` says of a tarball: bytes of it, bytes installed, number of files. */
const Packed = z.object({
  filename: z.string(),
  size: z.int(),
  unpackedSize: z.int(),
  entryCount: z.int(),
});

export interface Tarball {
  path: string;
  bytes: number;
  bytes_installed: number;
  files: number;
}

/** Makes the package as it is published, in a folder of its own, and puts its tarball into `dir`. */
export async function packRunner(dir: string): Promise<Tarball> {
  const stage = await mkdtemp(join(tmpdir(), "infernet-pack-"));
  try {
    const sources = await bundleRunner(ROOT, join(stage, "dist"));
    sources.push(...(await packAggregator(ROOT, join(stage, "dist/aggregator"))));
    await writeDeclarations(join(stage, "dist"));
    await writeFile(join(stage, "NOTICE"), `${renderNotice(ROOT, sources)}\n`);
    await writeFile(join(stage, "package.json"), JSON.stringify(packageManifest(own), null, 2));
    await copyFile(join(ROOT, "LICENSE"), join(stage, "LICENSE"));
    const readme = await readFile(join(ROOT, "runner/README.md"), "utf8");
    await writeFile(join(stage, "README.md"), publishedReadme(readme));
    await mkdir(dir, { recursive: true });
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", dir], { cwd: stage });
    const [packed] = z.tuple([Packed]).parse(JSON.parse(stdout));
    return {
      path: join(dir, packed.filename),
      bytes: packed.size,
      bytes_installed: packed.unpackedSize,
      files: packed.entryCount,
    };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Of `index.ts` alone: what it exports stands on no other module's types, or it would need the repository's. */
async function writeDeclarations(dir: string): Promise<void> {
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const alone = ["--ignoreConfig", "--noResolve", "--noCheck", "--isolatedDeclarations"];
  const declarations = ["--declaration", "--emitDeclarationOnly", "--outDir", dir];
  await run(tsc, [...alone, ...declarations, join(ROOT, "runner/index.ts")]);
}
