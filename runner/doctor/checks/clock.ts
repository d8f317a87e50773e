import { LIMITS } from "@infernet/schemas/limits";
import { RUNNER_ERRORS } from "../../runner-error.ts";
import { renderSkew } from "../../work/render-skew.ts";
import { type Check, type Finding, fail, type NetworkAnswer, pass, warn } from "../check.ts";

/** Whether this machine's clock is right, by the edge's: signatures carry the time. */
export const checkClock: Check = {
  name: "clock",
  examine: async ({ askNetwork }) => judgeClock(await askNetwork()),
};

export function judgeClock(answer: NetworkAnswer): Finding {
  if (answer.kind !== "network")
    return warn("there is no edge to compare it with", "Mend the check `edge` first.");
  const off_ms = Math.abs(answer.offset_ms);
  const limit_ms = LIMITS.signature_age_ms_max;
  const fix = RUNNER_ERRORS.clock_wrong.hint;
  if (off_ms > limit_ms / 2)
    return fail(
      `${renderSkew(answer.offset_ms, "the edge's")}; it refuses what is more than ${limit_ms / 1_000} s off`,
      fix,
    );
  if (off_ms > LIMITS.runner_clock_skew_ms_max) return warn(renderSkew(answer.offset_ms, "the edge's"), fix);
  return pass(`within ${Math.max(1, Math.ceil(off_ms / 1_000))} s of the edge's`);
}
