import type { JobEvent } from "@infernet/schemas/job-event";
import { SingleBar } from "cli-progress";

/** Shows how far the job is, from its events. */
export interface Progress {
  show: (event: JobEvent, caught: readonly string[]) => void;
  stop: () => void;
}

const PLAIN_STEP = 0.25;

/** A bar on a terminal, a line each quarter elsewhere. */
export function createProgress(rows: number, out: NodeJS.WriteStream): Progress {
  return out.isTTY ? createBar(rows, out) : createLines(rows, out);
}

const describe = (event: JobEvent, caught: readonly string[]): string =>
  [
    `${event.progress.shards_accepted} of ${event.progress.shards} shards accepted`,
    ...(caught.length > 0 ? [`caught: ${caught.join(", ")}`] : []),
  ].join(", ");

function createBar(rows: number, out: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    format: "  {bar}  {percentage} %  {value}/{total} rows  {duration_formatted}  {note}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 20,
    hideCursor: true,
    stream: out,
  });
  bar.start(rows, 0, { note: "" });
  return {
    show: (event, caught) => bar.update(event.progress.rows_accepted, { note: describe(event, caught) }),
    stop: () => bar.stop(),
  };
}

function createLines(rows: number, out: NodeJS.WriteStream): Progress {
  let next = PLAIN_STEP;
  return {
    show: (event, caught) => {
      const share = event.progress.rows_accepted / rows;
      if (share < next) return;
      next = Math.floor(share / PLAIN_STEP) * PLAIN_STEP + PLAIN_STEP;
      out.write(`  ${String(Math.round(share * 100)).padStart(3)} %  ${describe(event, caught)}\n`);
    },
    stop: () => undefined,
  };
}
