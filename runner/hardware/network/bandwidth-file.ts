import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Capability } from "@infernet/schemas/runner";
import { z } from "zod";
import { writeJson } from "../../write-json.ts";

/** `network.json`: what was measured against one edge, and when. */
const Measurement = z.strictObject({
  edge: z.string(),
  at_ms: z.int(),
  down_bytes_per_s: z.int().min(1),
  up_bytes_per_s: z.int().min(1),
});
export type BandwidthMeasurement = z.infer<typeof Measurement>;

const pathIn = (home: string): string => join(home, "network.json");

/** What was measured last; null where nothing was, or against another edge. */
export async function readBandwidth(home: string, edge: string): Promise<BandwidthMeasurement | null> {
  const text = await readFile(pathIn(home), "utf8").catch(() => "null");
  const known = Measurement.nullable().catch(null).parse(parsed(text));
  return known?.edge === edge ? known : null;
}

export const writeBandwidth = (home: string, measured: BandwidthMeasurement): Promise<void> =>
  writeJson(pathIn(home), measured);

/** As a capability tells it. */
export async function rememberBandwidth(home: string, edge: string): Promise<Capability["network"] | null> {
  const known = await readBandwidth(home, edge);
  if (known === null) return null;
  const { down_bytes_per_s, up_bytes_per_s } = known;
  return { down_bytes_per_s, up_bytes_per_s };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
