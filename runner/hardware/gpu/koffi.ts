import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EngineMissing } from "../../engine/engine-missing.ts";
import { installPackage } from "../../engine/install/install-package.ts";
import { findPackage } from "../../sandbox/code-folders.ts";
import lock from "./koffi-lock.json" with { type: "json" };

const NAME = "koffi";
const VERSION = lock.packages[`node_modules/${NAME}`].version;

/** What calls into a driver's library: among the packages beside the runner, as in a clone, or in its home; or nowhere. */
export function locateKoffi(home: string | null): string | null {
  const beside = findPackage(dirname(fileURLToPath(import.meta.url)), NAME);
  const candidates = [beside, home === null ? null : join(placeIn(home), "node_modules", NAME)];
  return candidates.find((dir) => dir !== null && existsSync(dir)) ?? null;
}

/**
 * The same, installed into the home if need be: 4 MB, which only a machine with such a driver needs. Null where that is
 * not possible, for what a driver says of a GPU is better to know and not worth a failure.
 */
export async function provideKoffi(home: string): Promise<string | null> {
  const known = locateKoffi(home);
  if (known !== null) return known;
  try {
    await installPackage(placeIn(home), {
      title: NAME,
      name: NAME,
      version: VERSION,
      lock,
      finish: async () => undefined,
    });
  } catch (error) {
    if (!(error instanceof EngineMissing)) throw error;
  }
  return locateKoffi(home);
}

const placeIn = (home: string): string => join(home, "engines", `${NAME}-${VERSION}`);
