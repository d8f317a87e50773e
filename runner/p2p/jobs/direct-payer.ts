import type { Micro } from "@infernet/schemas/money";
import type { DirectId, DirectTerms } from "@infernet/schemas/peer/direct-offer";

/** How a client pays for its direct jobs with one provider. */
export interface DirectPayer {
  readonly terms: DirectTerms;
  /**
   * A voucher for a job, the same one when it is asked for again. What it promises is on disk when it resolves. Rejects when the
   * provider asks for more than this job's price on top of what was promised before.
   *
   * @param limit_min what the provider says it must allow
   */
  pay(id: DirectId, price: Micro, limit_min: bigint): Promise<string>;
  /** The job is done: its price is owed. */
  done(id: DirectId): Promise<void>;
  /** The job will not be done: its price counts as promised no longer, though a voucher that is out stays good. */
  cancel(id: DirectId): Promise<void>;
}
