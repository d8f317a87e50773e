import type { RunnerId } from "@infernet/schemas/ids";
import type { BondDesk, SlashOutcome, SlashPreparation } from "../bond-desk.ts";

/** Blocks that a signed slashing is good for. */
const VALID_BLOCKS = 10;

interface Signed {
  id: string;
  provider: RunnerId;
  amount: string;
  /** The last block that can hold it. */
  last_block: number;
}

/**
 * A chain with bonds, in memory. It outlives whoever slashes on it, and fails on demand: `faults` has what is to go wrong
 * with the next steps, in their order.
 */
export class FakeBonds {
  block = 100;
  readonly bonds = new Map<RunnerId, bigint>();
  readonly landed = new Map<string, Extract<SlashOutcome, { state: "done" | "failed" }>>();
  /** Slashings signed so far. */
  signed = 0;
  /** Halves that the reporter got, and halves that were burned. */
  reported = 0n;
  burned = 0n;
  /**
   * `down`: nobody answers. `dropped`: what was sent is lost. `answer_lost`: it arrives, and nobody says so. `fails`: it
   * lands and fails. `lies_expired`: an endpoint says that it will never happen.
   */
  readonly faults: ("down" | "dropped" | "answer_lost" | "fails" | "lies_expired" | null)[] = [];

  /** Nothing that is signed by now can land any more. */
  expireAll(): void {
    this.block += VALID_BLOCKS + 1;
  }

  /** Slashes a bond by other hands. */
  take(provider: RunnerId): void {
    const amount = this.bonds.get(provider) ?? 0n;
    this.bonds.delete(provider);
    this.burned += amount / 2n;
  }

  desk(): BondDesk {
    return {
      prepareSlash: async ({ provider }) => this.#prepare(provider),
      advanceSlash: async (step) => this.#advance(JSON.parse(step)),
    };
  }

  #prepare(provider: RunnerId): SlashPreparation {
    const amount = this.bonds.get(provider);
    if (amount === undefined) return { kind: "no_bond" };
    this.signed += 1;
    const signed: Signed = {
      id: `signature ${this.signed}`,
      provider,
      amount: amount.toString(),
      last_block: this.block + VALID_BLOCKS,
    };
    return { kind: "prepared", step: JSON.stringify(signed) };
  }

  #advance(signed: Signed): SlashOutcome {
    const fault = this.faults.shift() ?? null;
    if (fault === "down") return { state: "unknown", detail: "nobody answers" };
    if (fault === "lies_expired") return { state: "expired" };
    const landed = this.landed.get(signed.id);
    if (landed !== undefined) return landed;
    this.block += 1;
    if (this.block > signed.last_block) return { state: "expired" };
    if (fault === "dropped") return { state: "unknown", detail: null };
    this.#execute(signed, fault === "fails");
    if (fault === "answer_lost") throw new Error("the connection was reset");
    return { state: "unknown", detail: null };
  }

  #execute({ id, provider }: Signed, fails: boolean): void {
    const amount = this.bonds.get(provider);
    if (amount === undefined || fails) {
      this.landed.set(id, { state: "failed", detail: "the program refused it" });
      return;
    }
    this.bonds.delete(provider);
    this.reported += amount / 2n;
    this.burned += amount - amount / 2n;
    this.landed.set(id, { state: "done", reference: id, amount });
  }
}
