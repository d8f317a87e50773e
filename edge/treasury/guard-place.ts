import { readPlace, writePlace } from "@infernet/db/treasury/places";
import { reachPause } from "@infernet/protocol/settlement-batch/decide-retry";
import type { TreasuryContext } from "./context.ts";

/** Works on one place. A failure is written down there, and holds up no other place; it is tried again after a pause. */
export async function guardPlace(
  ctx: TreasuryContext,
  place: string,
  work: () => Promise<void>,
): Promise<void> {
  const { db, now, unit } = ctx;
  try {
    await work();
  } catch (error) {
    const { failures } = readPlace(db, place);
    const detail = explain(error);
    writePlace(db, place, { failures: failures + 1, detail, next_ms: now() + reachPause(failures) });
    if (failures === 0)
      ctx.warn("payouts from a place were held up and will be tried again", { unit, place, error: detail });
  }
}

/** What went wrong, without the query of a failed statement or a stack. */
export const explain = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]?.slice(0, 500) ?? "";
