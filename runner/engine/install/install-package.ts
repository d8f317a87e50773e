import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EngineMissing } from "../engine-missing.ts";
import { explainNpm } from "./explain-npm.ts";
import { NpmFailed, runNpmCi } from "./run-npm.ts";

/** An unfinished installation this old has been left by a process that is gone. */
const ABANDONED_MS = 3_600_000;

export interface PackageToInstall {
  /** As an operator knows it, as in `ONNX Runtime`. */
  title: string;
  name: string;
  version: string;
  /** A `package-lock.json` that names every package with its sha512. */
  lock: object;
  /** Takes away what this machine does not need, before the package is in its place. Throws when it is not whole. */
  finish(packageDir: string): Promise<void>;
}

/**
 * Installs a package and all it depends on into `dir`, from a lockfile, without running any of their scripts. It is made
 * beside its place and then renamed, so that `dir` is whole or not there, whenever this process is killed.
 *
 * @throws EngineMissing with what stood in the way
 */
export async function installPackage(
  dir: string,
  { title, name, version, lock, finish }: PackageToInstall,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const parent = join(dir, "..");
  const byHand = `npm install --ignore-scripts --prefix ${dir} ${name}@${version}`;
  try {
    // It may be the first to make the runner's home, which is its owner's alone.
    await mkdir(parent, { recursive: true, mode: 0o700 });
    await removeAbandoned(parent);
    const stage = await mkdtemp(join(parent, ".unfinished-"));
    try {
      const manifest = {
        name: `infernet-engine-${name}`,
        version,
        private: true,
        dependencies: { [name]: version },
      };
      await writeFile(join(stage, "package.json"), JSON.stringify(manifest));
      await writeFile(join(stage, "package-lock.json"), JSON.stringify(lock));
      await runNpmCi(stage, environment);
      await finish(join(stage, "node_modules", name));
      await rename(stage, dir).catch((error: unknown) => {
        // Another runner of this home was faster.
        if (!existsSync(dir)) throw error;
      });
    } finally {
      await rm(stage, { recursive: true, force: true });
    }
  } catch (error) {
    const { reason, fix } =
      error instanceof NpmFailed
        ? explainNpm(error.output, byHand)
        : { reason: String(error), fix: `Check that ${parent} can be written to, or run: ${byHand}` };
    throw new EngineMissing(`${title} ${version} cannot be installed: ${reason}`, fix, { cause: error });
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(".unfinished-")) continue;
    const path = join(parent, entry);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}
