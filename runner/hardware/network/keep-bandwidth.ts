import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "@infernet/schemas/limits";
import type { EdgeClient } from "../../transport/edge-client.ts";
import { readBandwidth, writeBandwidth } from "./bandwidth-file.ts";
import { measureBandwidth } from "./measure-bandwidth.ts";

export interface KeepBandwidthOptions {
  client: Pick<EdgeClient, "downloadProbe" | "uploadProbe">;
  home: string;
  edge: string;
  signal: AbortSignal;
}

/** Measures the way to the edge once a day, remembers it in `home`, and ends with the signal. The next registration tells it. */
export async function keepBandwidth({ client, home, edge, signal }: KeepBandwidthOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      const known = await readBandwidth(home, edge);
      const age_ms = known === null ? Number.POSITIVE_INFINITY : Date.now() - known.at_ms;
      if (age_ms < 0 || age_ms >= LIMITS.hardware_age_ms_max) {
        const measured = await measureBandwidth(client, signal);
        await writeBandwidth(home, { edge, at_ms: Date.now(), ...measured });
      }
    } catch {
      // Nobody depends on it: a day without a measurement is no fault.
    }
    await sleep(LIMITS.hardware_age_ms_max, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
