import { EarningSums, EarningView, PayoutView } from "@infernet/schemas/earning";
import { formatJobId, formatPartition, formatRunnerId } from "@infernet/schemas/ids";
import type { z } from "zod";

const uuid = (n: number): string => n.toString(16).padStart(32, "0");

/** The n-th job's earning, of one credit: held unless it is told otherwise. */
export const jobOf = (n: number, other: Partial<z.input<typeof EarningView>> = {}): EarningView =>
  EarningView.parse({
    job_id: formatJobId(formatPartition(1), uuid(n)),
    unit: "credit",
    escrow: null,
    shards: 3,
    checks: 2,
    earned_micro: "1000000",
    state: "held",
    earned_at: "2026-01-01T15:04:05.000Z",
    held_until: "2026-01-02T15:04:05.000Z",
    payout: null,
    reference: null,
    ...other,
  });

export const sumsOf = (other: Partial<z.input<typeof EarningSums>> = {}): EarningSums =>
  EarningSums.parse({
    unit: "credit",
    held_micro: "0",
    payable_micro: "0",
    ordered_micro: "0",
    paid_micro: "0",
    taken_back_micro: "0",
    ...other,
  });

/** The n-th payout, of 1.25 credit: ordered and not come out yet unless it is told otherwise. */
export const payoutOf = (
  n: number,
  other: Partial<z.input<typeof PayoutView>["order"]> = {},
  outcome: Pick<PayoutView, "state"> & { reference?: string; detail?: string } = { state: "ordered" },
): PayoutView => {
  const id = `pay_${uuid(n)}`;
  const { state, reference = null, detail = null } = outcome;
  const isOver = state === "paid" || state === "returned";
  return PayoutView.parse({
    order: {
      id,
      provider: formatRunnerId(new Uint8Array(32)),
      unit: "credit",
      escrow: null,
      micro: "1250000",
      fee_micro: "12500",
      address: "wallet 1",
      ordered_ms: Date.UTC(2026, 0, 3, 9, 30),
      ...other,
    },
    state,
    result: isOver ? { id, state, reference, detail, at_ms: Date.UTC(2026, 0, 3, 9, 31) } : null,
  });
};
