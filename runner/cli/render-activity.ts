import type { Activity } from "../control/activity.ts";
import type { Earned } from "../control/earned-since.ts";
import { renderAmount } from "../earnings/render-amount.ts";
import { renderCount } from "./render-count.ts";

/** What a runner is at, in a few words. */
export function renderState({ state, paused, edge_trouble }: Activity): string {
  switch (state) {
    case "starting":
      return "registering with the edge";
    case "waiting":
      return "waiting for work";
    case "working":
      return "working";
    case "paused":
      return `paused: ${paused?.reason ?? ""}`;
    case "away":
      return `the edge is away: ${edge_trouble ?? ""}`;
    case "draining":
      return "stopping";
    case "stopped":
      return "stopped";
    default:
      return state satisfies never;
  }
}

/** One line for a terminal: what runs, how fast, what it brought. */
export function renderLine(activity: Activity, earned: readonly Earned[], score: number | null): string {
  const { now, rows_per_second, tokens_per_second, shards_done, failed } = activity;
  const failures = Object.values(failed).reduce((sum, n) => sum + n, 0);
  const jobs = new Set(now.map(({ job_id }) => job_id)).size;
  return [
    renderState(activity),
    ...(now.length > 0 ? [`${renderCount(now.length, "shard")} of ${renderCount(jobs, "job")}`] : []),
    ...(rows_per_second > 0 ? [`${rows_per_second.toFixed(0)} rows/s`] : []),
    ...(tokens_per_second > 0 ? [`${tokens_per_second.toFixed(0)} tokens/s`] : []),
    `${renderCount(shards_done, "shard")} done${failures > 0 ? `, ${failures} failed` : ""}`,
    `today ${renderEarned(earned)}`,
    ...(score === null ? [] : [`reputation ${score.toFixed(2)}`]),
  ].join(" · ");
}

export const renderEarned = (earned: readonly Earned[]): string =>
  earned.length === 0
    ? "nothing yet"
    : earned.map(({ micro, unit }) => renderAmount(micro, unit)).join(" and ");
