import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { NpmFailed, runNpm } from "../../install/run-npm.ts";

const VERSION = "3.22.1";
const STATE = fileURLToPath(new URL("../../../../.state/", import.meta.url));
/** A registry that does not answer keeps no test run waiting. */
const PATIENCE = { npm_config_fetch_timeout: "10000", npm_config_fetch_retries: "0" };

/**
 * llama.cpp by way of `node-llama-cpp`, installed on first need into a folder that git ignores: 85 MB that no other part of
 * the project wants. The address of its module, or why there is none.
 */
export async function provideLlama(): Promise<{ module: string } | { reason: string }> {
  if (`${process.platform}-${process.arch}` !== "linux-x64")
    return { reason: `llama.cpp is tried on linux-x64, and this is ${process.platform}-${process.arch}` };
  const dir = join(STATE, `node-llama-cpp-${VERSION}`);
  const module = pathToFileURL(join(dir, "node_modules/node-llama-cpp/dist/index.js")).href;
  if (existsSync(dir)) return { module };
  await mkdir(STATE, { recursive: true });
  const stage = await mkdtemp(join(STATE, ".unfinished-"));
  try {
    await writeFile(join(stage, "package.json"), JSON.stringify({ private: true }));
    const packages = [`node-llama-cpp@${VERSION}`, `@node-llama-cpp/linux-x64@${VERSION}`];
    const command = ["install", "--save-exact", "--omit=optional", ...packages];
    await runNpm(stage, command, { ...process.env, ...PATIENCE });
    await rename(stage, dir).catch((error: unknown) => {
      // Another test process was faster.
      if (!existsSync(dir)) throw error;
    });
    return { module };
  } catch (error) {
    if (!(error instanceof NpmFailed)) throw error;
    return { reason: `node-llama-cpp ${VERSION} cannot be installed: ${error.output.slice(0, 300)}` };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
