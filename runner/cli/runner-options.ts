import type { Settings } from "../config/settings.ts";
import type { RunnerOptions } from "../runner.ts";

/** The settings of a machine's owner, as the runner takes them. */
export function runnerOptionsOf(
  values: Settings,
): Omit<RunnerOptions, "edge" | "home" | "engines" | "log" | "connect"> {
  const { name, owner, payout, referee } = values;
  const asking = values["price.asking"];
  return {
    referee,
    cache_bytes_max: values["limits.cache_bytes"],
    ...(name === undefined ? {} : { name }),
    ...(owner === undefined ? {} : { owner }),
    ...(payout === undefined ? {} : { payout }),
    ...(asking === undefined ? {} : { asking }),
  };
}
