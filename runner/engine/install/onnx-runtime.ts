import { existsSync, readFileSync, realpathSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { codeFolders, findPackage } from "../../sandbox/code-folders.ts";
import { EngineMissing } from "../engine-missing.ts";
import { installPackage } from "./install-package.ts";
import lock from "./onnx-runtime-lock.json" with { type: "json" };

const NAME = "onnxruntime-node";
const VERSION = lock.packages[`node_modules/${NAME}`].version;

const Manifest = z.object({ version: z.string() });

/** ONNX Runtime where it is installed. */
export interface OnnxRuntime {
  /** Absolute path of the package `onnxruntime-node`. */
  dir: string;
  /** All folders that a process must read to use it, `dir` among them. */
  folders: string[];
  version: string;
}

/**
 * ONNX Runtime of the version that this runner was made for: among the packages beside it, as in a clone, or in the
 * runner's home, where `provideOnnxRuntime` puts it. Null where it is in neither, or not for this machine.
 *
 * @param home null to look only beside the runner
 */
export function locateOnnxRuntime(home: string | null): OnnxRuntime | null {
  const beside = findPackage(dirname(fileURLToPath(import.meta.url)), NAME);
  const candidates = [beside, home === null ? null : join(placeIn(home), "node_modules", NAME)];
  for (const dir of candidates) {
    if (dir === null || versionOf(dir) !== VERSION || !existsSync(bindingIn(dir))) continue;
    const real = realpathSync(dir);
    return { dir: real, folders: codeFolders(join(real, "package.json")).folders, version: VERSION };
  }
  return null;
}

/** ONNX Runtime, installed into the runner's home if need be. Throws `EngineMissing`. */
export async function provideOnnxRuntime(
  home: string,
  onProgress: (detail: string) => void = () => undefined,
): Promise<OnnxRuntime> {
  const known = locateOnnxRuntime(home);
  if (known) return known;
  const { platform, arch } = process;
  if (!PLATFORMS.has(`${platform}-${arch}`)) {
    throw new EngineMissing(
      `ONNX Runtime has no build for ${platform} on ${arch}`,
      `It has builds for ${[...PLATFORMS].join(", ")}.`,
    );
  }
  onProgress(`installing ONNX Runtime ${VERSION} (a download of about 115 MB, once)`);
  await installPackage(placeIn(home), {
    title: "ONNX Runtime",
    name: NAME,
    version: VERSION,
    lock,
    finish: removeOtherPlatforms,
  });
  const installed = locateOnnxRuntime(home);
  if (installed) return installed;
  throw new EngineMissing(
    `ONNX Runtime in ${placeIn(home)} is damaged`,
    "Remove that folder; the next start installs it again.",
  );
}

const PLATFORMS: ReadonlySet<string> = new Set([
  "linux-x64",
  "linux-arm64",
  "darwin-arm64",
  "win32-x64",
  "win32-arm64",
]);

const placeIn = (home: string): string => join(home, "engines", `onnx-${VERSION}`);

const BINARIES = "bin/napi-v6";

const bindingIn = (dir: string): string =>
  join(dir, BINARIES, process.platform, process.arch, "onnxruntime_binding.node");

function versionOf(dir: string): string | null {
  try {
    return Manifest.parse(JSON.parse(readFileSync(join(dir, "package.json"), "utf8"))).version;
  } catch {
    return null;
  }
}

/** Five sixths of the package are other machines' libraries. */
async function removeOtherPlatforms(dir: string): Promise<void> {
  if (!existsSync(bindingIn(dir))) throw new Error(`the package has no ${bindingIn("")}`);
  const all = join(dir, BINARIES);
  for (const platform of await readdir(all)) {
    const ofPlatform = platform === process.platform ? await readdir(join(all, platform)) : [];
    const others = ofPlatform.filter((arch) => arch !== process.arch).map((arch) => join(platform, arch));
    const unwanted = platform === process.platform ? others : [platform];
    for (const path of unwanted) await rm(join(all, path), { recursive: true });
  }
}

/** The one beside this package. Throws `EngineMissing`. */
export function ownRuntime(): OnnxRuntime {
  const runtime = locateOnnxRuntime(null);
  if (runtime) return runtime;
  throw new EngineMissing(
    "ONNX Runtime is not installed",
    "Run `infernet-runner start` once: it installs it.",
  );
}
