import { InfernetError } from "@infernet/schemas/errors";
import type { PayoutId } from "@infernet/schemas/payout";
import type { TreasuryPayout } from "@infernet/schemas/treasury";
import { unwrap } from "../rpc.ts";
import type { Saying } from "./settle-by-hand.ts";
import { treasuryOf, UNITS } from "./treasury-of.ts";

/** Tells the treasury that has this payout what the operator says of it. Throws `not_found` and `payout_not_pending`. */
export async function sayOfPayout(
  env: Pick<Env, "TREASURY">,
  id: PayoutId,
  saying: Saying,
): Promise<TreasuryPayout> {
  for (const unit of UNITS) {
    const payout = unwrap(await treasuryOf(env, unit).say(id, saying));
    if (payout !== null) return payout;
  }
  throw new InfernetError("not_found", `There is no payout ${id}.`);
}
