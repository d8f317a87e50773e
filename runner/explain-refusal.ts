import { LIMITS } from "@infernet/schemas/limits";
import { explainBan } from "./explain-ban.ts";
import { RunnerError } from "./runner-error.ts";
import type { EdgeClient } from "./transport/edge-client.ts";
import type { EdgeRefusal } from "./transport/edge-error.ts";
import { renderSkew } from "./work/render-skew.ts";

/** Why an edge does not take this runner, for its owner: a ban, a wrong clock, or what the edge said. */
export async function explainRefusal(
  client: Pick<EdgeClient, "getBan" | "getTime">,
  edge: string,
  refusal: EdgeRefusal,
  signal: AbortSignal,
): Promise<RunnerError> {
  if (refusal.code === "provider_banned") {
    const detail = await explainBan(client, refusal, signal);
    return new RunnerError("banned", `by ${edge}, ${detail}`, { cause: refusal });
  }
  if (refusal.code === "signature_invalid") {
    const edgeNow_ms = await client.getTime(signal).catch(() => null);
    const skew_ms = edgeNow_ms === null ? 0 : edgeNow_ms - Date.now();
    if (Math.abs(skew_ms) > LIMITS.signature_age_ms_max / 2) {
      const limit = `it refuses requests whose time is more than ${LIMITS.signature_age_ms_max / 1_000} s from its own`;
      return new RunnerError("clock_wrong", `${renderSkew(skew_ms, `that of ${edge}`)}; ${limit}`, {
        cause: refusal,
      });
    }
  }
  return new RunnerError("edge_refused", `${edge} refused this runner. ${refusal.message}`, {
    cause: refusal,
  });
}
