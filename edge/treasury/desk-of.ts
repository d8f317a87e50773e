import { InfernetError } from "@infernet/schemas/errors";
import type { EscrowDesk } from "../rails/rail.ts";
import type { TreasuryContext } from "./context.ts";

/** Who knows the escrows of a treasury's unit. Throws `unavailable` where the unit has none. */
export async function deskOf({ rail, unit }: TreasuryContext): Promise<EscrowDesk> {
  const { escrows } = (await rail()) ?? { escrows: null };
  if (escrows !== null) return escrows;
  throw new InfernetError("unavailable", `This deployment takes no escrows in ${unit}.`);
}
