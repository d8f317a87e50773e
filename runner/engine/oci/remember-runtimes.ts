import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import { z } from "zod";
import { bootId } from "../../hardware/boot-id.ts";
import { writeJson } from "../../write-json.ts";

/** `runtimes.json`: which runtimes ran a container, of what, when, and since when the machine runs. */
const Remembered = z.strictObject({
  at_ms: z.int(),
  boot: z.string(),
  tried: z.string(),
  working: z.array(z.string()).min(1),
});

/**
 * Names of the runtimes that work, remembered in `home` so that a start does not wait for the containers that show it: tried
 * anew after a day, whenever the machine was started again, and when anything else is to be tried. What failed is not
 * remembered.
 *
 * @param tried what is tried, in words that change with it
 */
export async function rememberRuntimes(
  home: string,
  tried: string,
  now_ms: number,
  attempt: () => Promise<string[]>,
): Promise<string[]> {
  const path = join(home, "runtimes.json");
  const boot = await bootId();
  const known = await readFile(path, "utf8")
    .then((text) => Remembered.parse(JSON.parse(text)))
    .catch(() => null);
  const isFresh =
    known?.boot === boot &&
    known.tried === tried &&
    Math.abs(now_ms - known.at_ms) < LIMITS.hardware_age_ms_max;
  if (known && isFresh) return known.working;
  const working = await attempt();
  // Remembering saves time; where it cannot be written, nothing is lost.
  if (working.length > 0)
    await writeJson(path, { at_ms: now_ms, boot, tried, working }).catch(() => undefined);
  return working;
}
