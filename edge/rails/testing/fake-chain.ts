import { feeCap } from "@infernet/protocol/settlement-batch/batch-fee";
import { InfernetError } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import { Unit } from "@infernet/schemas/ledger";
import { SolanaAddress } from "@infernet/schemas/solana";
import type { EscrowState, PayeeCheck, PaymentOutcome, PaymentTerms, Rail } from "../rail.ts";

/** Blocks that a signed payment is good for. */
const VALID_BLOCKS = 10;

interface Signed {
  id: string;
  sequence: number;
  shares: { provider: RunnerId; amount: string }[];
  fee: string;
  /** The last block that can hold it. */
  last_block: number;
}

type Landing = Extract<PaymentOutcome, { state: "done" | "failed" }>;

/**
 * A chain with one escrow, in memory: the same rules as the escrow program's, without what needs keys. It outlives whoever
 * pays on it, and fails on demand: `faults` has what is to go wrong with the next calls, in their order.
 */
export class FakeChain {
  static readonly UNIT = Unit.parse("usdc:solana");
  static readonly ESCROW = SolanaAddress.parse("4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU");

  block = 100;
  /** Null once it was closed. */
  escrow: EscrowState | null = {
    escrow: FakeChain.ESCROW,
    client: FakeChain.ESCROW,
    opened: "1",
    deposited: 10_000_000n,
    paid: 0n,
    sequence: 0,
    fee_bps: 200,
    min_bond: 1n,
    deadline_ms: Date.now() + 30 * 86_400_000,
    position: 100,
  };
  limit = 10_000_000n;
  readonly payees = new Map<RunnerId, { state: PayeeCheck["state"]; received: bigint }>();
  readonly landed = new Map<string, Landing>();
  /** Payments signed so far. */
  signed = 0;
  /**
   * `down`: nobody answers. `dropped`: what was sent is lost. `answer_lost`: it arrives, and nobody says so. `frozen`: a
   * payee is frozen between the check and the landing. `lies_expired`: an endpoint says that it will never happen. `lies_failed`: that it
   * moved nothing. `forgotten`: it landed, and nobody can tell any more whom it paid.
   */
  readonly faults: (
    | "down"
    | "dropped"
    | "answer_lost"
    | "frozen"
    | "lies_expired"
    | "lies_failed"
    | "forgotten"
    | null
  )[] = [];
  /** What an endpoint that lies shows in the escrow's place. */
  lie: Partial<EscrowState> = {};

  addPayee(provider: RunnerId, state: PayeeCheck["state"] = "ready"): void {
    this.payees.set(provider, { state, received: 0n });
  }

  received(provider: RunnerId): bigint {
    return this.payees.get(provider)?.received ?? 0n;
  }

  /** Nothing that is signed by now can land any more. */
  expireAll(): void {
    this.block += VALID_BLOCKS + 1;
  }

  rail(): Rail {
    return {
      capabilities: {
        unit: FakeChain.UNIT,
        partial_capture: true,
        many_payees: true,
        bonds: true,
        escrows: true,
        smallest_payment: 10n,
        payees_per_payment: 3,
      },
      escrows: {
        read: async () => this.#read(),
        admit: async () => {
          const state = this.#read();
          if (state === null) throw new InfernetError("escrow_unknown", "there is none");
          return { ...state, limit: this.limit };
        },
      },
      checkPayees: async (_, payees) =>
        payees.map(({ provider }) => {
          const state = this.payees.get(provider)?.state ?? "unbonded";
          return { state, detail: state === "ready" ? "" : "as the test says" };
        }),
      prepare: async (terms) => this.#prepare(terms),
      advance: async (step) => this.#advance(JSON.parse(step)),
    };
  }

  #read(): EscrowState | null {
    return this.escrow && { ...this.escrow, position: this.block, ...this.lie };
  }

  #prepare({
    place,
    shares,
    fee,
  }: PaymentTerms): { kind: "prepared"; step: string } | { kind: "superseded" } {
    if (place === null || this.escrow === null) throw new InfernetError("chain_unavailable", "no escrow");
    if (this.escrow.sequence > place.sequence) return { kind: "superseded" };
    this.signed += 1;
    const signed: Signed = {
      id: `signature ${this.signed}`,
      sequence: place.sequence,
      shares: shares.map(({ provider, amount }) => ({ provider, amount: amount.toString() })),
      fee: fee.toString(),
      last_block: this.block + VALID_BLOCKS,
    };
    return { kind: "prepared", step: JSON.stringify(signed) };
  }

  #advance(signed: Signed): PaymentOutcome {
    const fault = this.faults.shift() ?? null;
    if (fault === "down") return { state: "unknown", detail: "nobody answers" };
    if (fault === "lies_expired") return { state: "expired" };
    if (fault === "lies_failed") return { state: "failed", detail: "a lie", position: this.block };
    if (fault === "forgotten")
      return { state: "handed_over", reference: signed.id, detail: "forgotten", position: this.block };
    const landed = this.landed.get(signed.id);
    if (landed !== undefined) return landed;
    this.block += 1;
    if (this.block > signed.last_block) return { state: "expired" };
    if (fault === "dropped") return { state: "unknown", detail: null };
    if (fault === "frozen") this.#freezeFirst(signed);
    this.#execute(signed);
    if (fault === "answer_lost") throw new InfernetError("chain_contradicts", "the connection was reset");
    return { state: "unknown", detail: null };
  }

  #freezeFirst({ shares }: Signed): void {
    const payee = this.payees.get(shares[0]?.provider as RunnerId);
    if (payee !== undefined) payee.state = "frozen";
  }

  #execute({ id, sequence, shares, fee }: Signed): void {
    const position = this.block;
    const { escrow } = this;
    if (escrow === null || escrow.sequence !== sequence) {
      this.landed.set(id, { state: "failed", detail: "sequence", position });
      return;
    }
    const paid = shares.map(({ provider }) => this.payees.get(provider)?.state === "ready");
    const shared = shares.reduce((sum, { amount }, i) => (paid[i] ? sum + BigInt(amount) : sum), 0n);
    const cap = feeCap(shared, escrow.fee_bps);
    const taken = BigInt(fee) < cap ? BigInt(fee) : cap;
    if (escrow.paid + shared + taken > (this.limit < escrow.deposited ? this.limit : escrow.deposited)) {
      this.landed.set(id, { state: "failed", detail: "too little money", position });
      return;
    }
    for (const [i, { provider, amount }] of shares.entries()) {
      const payee = this.payees.get(provider);
      if (paid[i] && payee !== undefined) payee.received += BigInt(amount);
    }
    escrow.paid += shared + taken;
    escrow.sequence += 1;
    this.landed.set(id, { state: "done", reference: id, paid, fee: taken, position });
  }
}
