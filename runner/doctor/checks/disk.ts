import { loadSettings } from "../../config/load-settings.ts";
import { detectMachine } from "../../hardware/machine/detect-machine.ts";
import { renderBytes } from "../../hardware/render-bytes.ts";
import { type Check, type Finding, fail, pass, warn } from "../check.ts";

const NEEDED_BYTES = 1024 ** 3;

/** Whether there is room for engines, models and inputs. */
export const checkDisk: Check = {
  name: "disk",
  examine: async ({ home, config }) => {
    const { disk_free_bytes } = await detectMachine(home);
    const settings = await loadSettings({ home, config, env: process.env }).catch(() => null);
    return judgeDisk(disk_free_bytes, settings?.values["limits.cache_bytes"] ?? 0);
  },
};

export function judgeDisk(free_bytes: number | null, cache_bytes: number): Finding {
  if (free_bytes === null)
    return warn("nobody tells how much is free", "Look yourself that there are some GiB.");
  const free = `${renderBytes(free_bytes)} free`;
  if (free_bytes < NEEDED_BYTES)
    return fail(
      `${free}; an engine and one model need ${renderBytes(NEEDED_BYTES)}`,
      "Free some, or give a --home on another disk.",
    );
  if (free_bytes < cache_bytes)
    return warn(
      `${free}; the cache may grow to ${renderBytes(cache_bytes)}`,
      "Lower it with `--cache-bytes`, or run `infernet-runner models prune --max-bytes N`.",
    );
  return pass(free);
}
