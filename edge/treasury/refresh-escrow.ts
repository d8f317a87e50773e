import type { Escrow } from "@infernet/schemas/escrow";
import type { SolanaAddress } from "@infernet/schemas/solana";
import type { TreasuryContext } from "./context.ts";
import { deskOf } from "./desk-of.ts";
import { noteEscrow } from "./note-escrow.ts";
import { renderEscrow } from "./render-escrow.ts";

/** A registered escrow with what has been paid into it since; as it was last read, once it is closed. Throws `escrow_unknown`. */
export async function refreshEscrow(ctx: TreasuryContext, escrow: SolanaAddress): Promise<Escrow> {
  renderEscrow(ctx, escrow);
  const state = await (await deskOf(ctx)).read(escrow);
  if (state !== null) noteEscrow(ctx, state);
  return renderEscrow(ctx, escrow);
}
