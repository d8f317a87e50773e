import { readEscrow, type StoredEscrow } from "@infernet/db/treasury/escrows";
import { readPlace, writePlace } from "@infernet/db/treasury/places";
import { reconcilePlace } from "@infernet/protocol/settlement-batch/reconcile-place";
import { InfernetError } from "@infernet/schemas/errors";
import { renderInstant } from "@infernet/schemas/instant";
import type { SolanaAddress } from "@infernet/schemas/solana";
import type { EscrowDesk, EscrowState } from "../rails/rail.ts";
import { depositedIn, releasedFrom } from "./book.ts";
import { closeEscrow } from "./close-escrow.ts";
import type { TreasuryContext } from "./context.ts";
import { noteEscrow } from "./note-escrow.ts";

/** What an escrow can be paid from now: it is open and agrees with the book, it will never be again, or a person must look. */
export type OpenEscrow =
  | { kind: "open"; state: EscrowState; known: StoredEscrow }
  | { kind: "over"; detail: string }
  | { kind: "halted" };

/**
 * Reads an escrow that no payment is under way from, and compares it with the book. What disagrees stops payouts from it
 * until it agrees again, or the operator has acknowledged it. Throws `chain_unavailable` and `chain_contradicts`.
 */
export async function readOpenEscrow(
  ctx: TreasuryContext,
  desk: EscrowDesk,
  escrow: SolanaAddress,
): Promise<OpenEscrow> {
  const { db, unit, now } = ctx;
  const known = readEscrow(db, escrow);
  if (known === null) return { kind: "over", detail: `no account has registered the escrow ${escrow}` };
  const state = await desk.read(escrow);
  if (state === null || state.opened !== known.opened) return judgeClosed(ctx, known);
  const { position, sequence } = readPlace(db, escrow);
  const deposited = depositedIn(db, unit, escrow);
  const book = { deposited, released: releasedFrom(db, unit, escrow), position, sequence };
  const found = reconcilePlace(state, book);
  switch (found.kind) {
    case "stale":
      throw new InfernetError(
        "chain_unavailable",
        `An endpoint showed ${escrow} as of ${state.position}; it is known as of ${book.position}.`,
      );
    case "mismatch":
      return halt(ctx, escrow, found.detail);
    case "fits":
      noteEscrow(ctx, state);
      writePlace(db, escrow, { halted: null });
      if (state.deadline_ms <= now())
        return { kind: "over", detail: `the escrow's deadline was ${renderInstant(state.deadline_ms)}` };
      return { kind: "open", state, known };
    default:
      return found satisfies never;
  }
}

/** After its deadline anybody may close an escrow. */
function judgeClosed(ctx: TreasuryContext, { escrow, deadline_ms, check_ms }: StoredEscrow): OpenEscrow {
  if (check_ms !== null && deadline_ms > ctx.now())
    return halt(ctx, escrow, "the escrow was closed before its deadline");
  if (check_ms !== null) closeEscrow(ctx, escrow);
  return { kind: "over", detail: "the escrow is closed" };
}

export function halt(ctx: TreasuryContext, escrow: SolanaAddress, detail: string): OpenEscrow {
  const { db, unit } = ctx;
  if (readPlace(db, escrow).halted !== detail) {
    writePlace(db, escrow, { halted: detail });
    ctx.warn("payouts from a place are stopped until somebody has looked", { unit, place: escrow, detail });
  }
  return { kind: "halted" };
}
