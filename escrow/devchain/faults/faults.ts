import { seededRandom } from "@infernet/schemas/seeded-random";
import { type CallFaultKind, type FaultPlan, NO_FAULTS } from "./fault-plan.ts";

/** Methods of the chain itself, which always work: a plan can be lifted again. */
const OWN_METHOD_PREFIX = "devchain_";

/** The fault plan in force, and its dice. */
export class Faults {
  #plan: FaultPlan = NO_FAULTS;
  #random = seededRandom(NO_FAULTS.seed);
  #statusPolls = new Map<string, number>();

  get plan(): FaultPlan {
    return this.#plan;
  }

  /** Takes the place of the plan before, with fresh dice. */
  set(plan: FaultPlan): void {
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
    this.#statusPolls = new Map();
  }

  latency_ms(): number {
    const { min, max } = this.#plan.latency_ms;
    return max === 0 ? 0 : min + Math.floor(this.#random() * (max - min + 1));
  }

  /** How this call is to fail, null when it is to work. */
  ofCall(method: string): CallFaultKind | null {
    if (method.startsWith(OWN_METHOD_PREFIX)) return null;
    const fault = this.#plan.calls.find(
      ({ method: named, share }) => (named === "*" || named === method) && this.#draws(share),
    );
    return fault?.kind ?? null;
  }

  dropsTransaction(): boolean {
    return this.#draws(this.#plan.drop_share);
  }

  /** Counts a question for the status of an executed transaction. */
  hidesStatus(signature: string): boolean {
    const polls = (this.#statusPolls.get(signature) ?? 0) + 1;
    if (polls > this.#plan.hide_status_polls) return false;
    this.#statusPolls.set(signature, polls);
    return true;
  }

  #draws(share: number): boolean {
    return share > 0 && this.#random() < share;
  }
}
