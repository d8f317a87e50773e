import type { Bytes } from "@infernet/schemas/digest";
import type { EdgeClient } from "../../transport/edge-client.ts";

export interface Bandwidth {
  down_bytes_per_s: number;
  up_bytes_per_s: number;
}

/** Times random bytes from the edge and back to it. Rejects as the client does. @param clock_ms a clock that only goes forward */
export async function measureBandwidth(
  client: Pick<EdgeClient, "downloadProbe" | "uploadProbe">,
  signal: AbortSignal,
  clock_ms: () => number = () => performance.now(),
): Promise<Bandwidth> {
  const [bytes, down_ms] = await timed(clock_ms, () => client.downloadProbe(signal));
  const [, up_ms] = await timed(clock_ms, () => client.uploadProbe(bytes, signal));
  return { down_bytes_per_s: rate(bytes, down_ms), up_bytes_per_s: rate(bytes, up_ms) };
}

async function timed<T>(clock_ms: () => number, act: () => Promise<T>): Promise<[T, number]> {
  const started_ms = clock_ms();
  const result = await act();
  return [result, clock_ms() - started_ms];
}

const rate = ({ byteLength }: Bytes, ms: number): number =>
  Math.max(1, Math.round((byteLength * 1_000) / Math.max(1, ms)));
