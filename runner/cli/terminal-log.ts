import type { OwnRecord } from "../transport/edge-client.ts";
import type { Log } from "../work/runner-event.ts";
import { createHumanLog } from "./human-log.ts";
import { createLiveLine, type Screen } from "./live-line.ts";
import type { Watched } from "./operate-runner.ts";
import { renderLine } from "./render-activity.ts";

const SHOW_MS = 1_000;
const REPUTATION_MS = 60_000;

export interface TerminalLog {
  log: Log;
  /** Keeps the line at the bottom true, while there is a terminal to keep it on. */
  watch(watched: Watched): () => void;
}

/** Lines for a person; on a terminal with one under them that tells what goes on now. */
export function openTerminalLog(screen: Screen & { isTTY?: boolean }): TerminalLog {
  const live = createLiveLine(screen);
  const log = createHumanLog(
    (line) => live.print(line),
    () => new Date(),
  );
  return {
    log: (event) => {
      if (event.event === "stopped" || event.event === "fatal") live.clear();
      log(event);
    },
    watch: (watched) => (screen.isTTY ? keepLive(live.show, live.clear, watched) : () => undefined),
  };
}

function keepLive(
  show: (line: string) => void,
  clear: () => void,
  { runner, monitor, earned }: Watched,
): () => void {
  const stop = new AbortController();
  let record: OwnRecord | null = null;
  let asked_ms = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    const activity = monitor.read();
    if (activity === null || activity.state === "stopped" || activity.state === "starting") return;
    if (performance.now() - asked_ms >= REPUTATION_MS) {
      asked_ms = performance.now();
      runner.client.getRecord(stop.signal).then(
        (found) => {
          record = found;
        },
        () => undefined,
      );
    }
    show(renderLine(activity, earned.read(stop.signal), record?.reputation.score ?? null));
  }, SHOW_MS).unref();
  return () => {
    clearInterval(timer);
    stop.abort(new Error("the line is gone"));
    clear();
  };
}
