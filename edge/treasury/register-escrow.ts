import { putEscrow, readEscrow, type StoredEscrow } from "@infernet/db/treasury/escrows";
import { writePlace } from "@infernet/db/treasury/places";
import { bookDeposit, bookOthers } from "@infernet/protocol/settlement-batch/treasury-book";
import { InfernetError } from "@infernet/schemas/errors";
import type { Escrow } from "@infernet/schemas/escrow";
import type { AccountId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type SolanaAddress, solanaHex } from "@infernet/schemas/solana";
import type { EscrowState } from "../rails/rail.ts";
import { depositedIn, postToBook } from "./book.ts";
import type { TreasuryContext } from "./context.ts";
import { deskOf } from "./desk-of.ts";
import { noteEscrow } from "./note-escrow.ts";
import { renderEscrow } from "./render-escrow.ts";

export interface Registration {
  account_id: AccountId;
  escrow: SolanaAddress;
  voucher: string;
}

/**
 * Lets an account's jobs be paid from an escrow, or lets them cost more by a newer voucher. It belongs to the account that
 * registers it first. Throws what `EscrowDesk.admit` throws, `escrow_taken`, `voucher_below_captured` and `unavailable`.
 *
 * @param fee_bps this deployment's fee
 */
export async function registerEscrow(
  ctx: TreasuryContext,
  { account_id, escrow, voucher }: Registration,
  fee_bps: number,
): Promise<Escrow> {
  const { db, transact, now } = ctx;
  const desk = await deskOf(ctx);
  const state = await desk.admit({ escrow, voucher, fee_bps, now_ms: now() });
  transact(() => {
    const known = readEscrow(db, escrow);
    if (known !== null) assertSame(known, account_id, state);
    assertGrown(known, state);
    const { position: _, sequence: __, ...terms } = state;
    putEscrow(db, {
      ...(known ?? { check_ms: now() + LIMITS.reconcile_ms }),
      ...terms,
      account_id,
      voucher,
    });
    if (known === null) openBook(ctx, state);
  });
  noteEscrow(ctx, state);
  return renderEscrow(ctx, escrow);
}

function assertSame(known: StoredEscrow, account_id: AccountId, state: EscrowState): void {
  if (known.account_id !== account_id)
    throw new InfernetError("escrow_taken", `The escrow ${known.escrow} was registered by another account.`);
  if (known.opened !== state.opened)
    throw new InfernetError(
      "escrow_expired",
      `The escrow that was registered at ${known.escrow} was closed, and another was opened there: open one with an id of its own.`,
    );
}

function assertGrown(known: StoredEscrow | null, { limit, paid }: EscrowState & { limit: bigint }): void {
  if (limit < paid)
    throw new InfernetError(
      "voucher_below_captured",
      `The voucher allows ${limit}; ${paid} were released from the escrow already.`,
    );
  if (known !== null && limit < known.limit)
    throw new InfernetError(
      "voucher_below_captured",
      `The voucher allows ${limit}; one before it allowed ${known.limit}.`,
    );
}

/** What was released from it before it came here was released by others. */
function openBook({ db, unit, now }: TreasuryContext, state: EscrowState): void {
  const { escrow, deposited, paid, sequence } = state;
  const known = depositedIn(db, unit, escrow);
  postToBook(db, bookDeposit(unit, escrow, { deposited, known }, now()));
  postToBook(db, bookOthers(`before:${solanaHex(escrow)}`, { unit, place: escrow }, paid, now()));
  writePlace(db, escrow, { sequence });
}
