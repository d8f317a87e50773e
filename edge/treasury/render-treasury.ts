import { auditStore } from "@infernet/db/ledger/audit-store";
import type { StoredPayout } from "@infernet/db/treasury/payouts";
import { listTroubledPlaces, readPlace, type StoredPlace } from "@infernet/db/treasury/places";
import { listSlashings, type StoredSlashing } from "@infernet/db/treasury/slashings";
import { OWN_FUNDS } from "@infernet/db/treasury/store";
import { auditLedger } from "@infernet/protocol/ledger/audit-ledger";
import type { Part } from "@infernet/protocol/settlement-batch/treasury-book";
import { renderInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import type { TreasurySlashing } from "@infernet/schemas/slashing";
import { SolanaAddress } from "@infernet/schemas/solana";
import type { Treasury, TreasuryPayout, TreasuryPlace } from "@infernet/schemas/treasury";
import { sumOf } from "./book.ts";
import type { TreasuryContext } from "./context.ts";

/** What the operator sees of a unit. @param isAudited whether the whole book is gone through */
export function renderTreasury(ctx: TreasuryContext, trouble: string | null, isAudited: boolean): Treasury {
  const { db, unit } = ctx;
  const troubled = listTroubledPlaces(db, LIMITS.list_page_items_max).filter(
    ({ place }) => place !== OWN_FUNDS,
  );
  return {
    unit,
    object: "treasury",
    trouble,
    places: [readPlace(db, OWN_FUNDS), ...troubled].map((place) => renderPlace(ctx, place)),
    slashings: listSlashings(db, LIMITS.list_page_items_max).map(renderSlashing),
    audit: isAudited ? auditStore(db, auditLedger) : null,
  };
}

function renderSlashing({
  evidence,
  state,
  amount,
  reference,
  detail,
  at_ms,
}: StoredSlashing): TreasurySlashing {
  const { provider, job_id, context_sha256 } = evidence;
  return {
    object: "slashing",
    provider,
    job_id,
    context_sha256,
    state,
    amount_micro: amount === null ? null : amount.toString(),
    reference,
    detail,
    since: renderInstant(at_ms),
  };
}

function renderPlace({ db, unit }: TreasuryContext, { place, halted, detail }: StoredPlace): TreasuryPlace {
  const escrow = place === OWN_FUNDS ? null : SolanaAddress.parse(place);
  const sum = (part: Part) => sumOf(db, unit, escrow, part);
  return {
    escrow,
    owed_micro: sum("owed").toString(),
    paid_micro: sum("paid").toString(),
    fees_micro: (sum("fees") + sum("collected")).toString(),
    halted,
    detail,
  };
}

export function renderPayout({ order, ...payout }: StoredPayout): TreasuryPayout {
  const { id, provider, unit, escrow, micro, fee_micro, address, ordered_ms } = order;
  const { state, attempts, reference, detail, at_ms } = payout;
  return {
    id,
    object: "payout",
    provider,
    unit,
    escrow,
    micro,
    fee_micro,
    address,
    state,
    attempts,
    reference,
    detail,
    ordered_at: renderInstant(ordered_ms),
    since: renderInstant(at_ms),
  };
}
