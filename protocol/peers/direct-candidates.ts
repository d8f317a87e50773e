import type { Sha256 } from "@infernet/schemas/digest";
import type { DirectPayment, PeerRecord } from "@infernet/schemas/peer/peer-record";

/**
 * Those of the peers that take a direct job on a model, by what their records say: those open for work first, then the cheaper,
 * then as they came.
 */
export function orderCandidates(
  records: readonly PeerRecord[],
  model: Sha256,
  payment: DirectPayment,
): PeerRecord[] {
  const rateOf = ({ direct }: PeerRecord): bigint => BigInt(direct?.micro_per_core_hour ?? 0);
  return records
    .filter(
      ({ services, models, direct, availability }) =>
        services.includes("job") &&
        models.includes(model) &&
        direct?.payments.includes(payment) === true &&
        availability !== "paused",
    )
    .sort((a, b) => {
      const isOpen = Number(b.availability === "open") - Number(a.availability === "open");
      if (isOpen !== 0) return isOpen;
      return rateOf(a) < rateOf(b) ? -1 : rateOf(a) > rateOf(b) ? 1 : 0;
    });
}
