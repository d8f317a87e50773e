import { z } from "zod";
import type { RunnerEvent } from "../work/runner-event.ts";
import { linesOf } from "./human-log.ts";

const Kept = z.looseObject({ at: z.iso.datetime(), event: z.string() });

/**
 * A line of the log file for a person, in local time; null for what only counts. A line that another version wrote is shown
 * as it is.
 */
export function renderLogLine(line: string): string | null {
  const kept = Kept.safeParse(parseJson(line));
  if (!kept.success) return line;
  const { at, ...event } = kept.data;
  const when = new Date(at).toLocaleString("sv");
  const texts = tellSafely(event as RunnerEvent);
  if (texts === null) return `${when}  ${line}`;
  return texts.length === 0 ? null : texts.map((text) => `${when}  ${text}`).join("\n");
}

/** What this version wrote has the fields that it looks for; null for what has not. */
function tellSafely(event: RunnerEvent): string[] | null {
  try {
    if (event.event === "shard.done")
      return [
        `computed shard ${event.shard} of ${event.job_id}: ${event.rows} rows, ${event.compute_ms.toFixed(0)} ms in the engine`,
      ];
    if (event.event === "leased") return [];
    return linesOf(event);
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
