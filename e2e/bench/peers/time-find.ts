import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerQuery } from "@infernet/schemas/peer/peer-query";
import type { Discovery } from "infernet-runner/p2p/discovery/open-discovery";

/** One find: what it found, and when. */
export interface FindTimes {
  found: Set<RunnerId>;
  /** Until the first and the last of those that were expected; NaN where there was none. */
  first_ms: number;
  last_ms: number;
  /** Until nobody was left to be asked, or it had what it wanted. */
  end_ms: number;
  asked: number;
}

export async function timeFind(
  discovery: Pick<Discovery, "find">,
  query: PeerQuery,
  expected: ReadonlySet<RunnerId>,
  timeout_ms: number,
): Promise<FindTimes> {
  const started = performance.now();
  const times: FindTimes = {
    found: new Set(),
    first_ms: Number.NaN,
    last_ms: Number.NaN,
    end_ms: 0,
    asked: 0,
  };
  const onProgress = ({ asked }: { asked: number }): void => {
    times.asked = asked;
  };
  for await (const { record } of discovery.find(query, {
    signal: AbortSignal.timeout(timeout_ms),
    onProgress,
  })) {
    times.found.add(record.runner);
    if (!expected.has(record.runner)) continue;
    times.last_ms = performance.now() - started;
    if (Number.isNaN(times.first_ms)) times.first_ms = times.last_ms;
  }
  times.end_ms = performance.now() - started;
  return times;
}
