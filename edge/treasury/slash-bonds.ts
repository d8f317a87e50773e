import {
  addSlashingStep,
  listDueSlashings,
  listSlashingSteps,
  type StoredSlashing,
  updateSlashing,
} from "@infernet/db/treasury/slashings";
import { reachPause } from "@infernet/protocol/settlement-batch/decide-retry";
import { LIMITS } from "@infernet/schemas/limits";
import type { BondDesk, SlashOutcome } from "../rails/bond-desk.ts";
import type { TreasuryContext } from "./context.ts";
import { explain } from "./guard-place.ts";

type Done = Extract<SlashOutcome, { state: "done" }>;

/** Goes on with every slashing whose time has come. One that cannot be gone on with holds up no other. */
export async function slashBonds(ctx: TreasuryContext, bonds: BondDesk): Promise<void> {
  const due = listDueSlashings(ctx.db, ctx.now(), LIMITS.payments_advanced_at_once);
  await Promise.all(due.map((slashing) => guard(ctx, slashing, () => advance(ctx, bonds, slashing))));
}

/** A failure is written down, and the slashing is tried again after a pause. */
async function guard(
  ctx: TreasuryContext,
  slashing: StoredSlashing,
  work: () => Promise<void>,
): Promise<void> {
  const { db, now, unit, warn } = ctx;
  try {
    await work();
  } catch (error) {
    const { id, failures } = slashing;
    const detail = explain(error);
    updateSlashing(db, id, { failures: failures + 1, detail, next_ms: now() + reachPause(failures) });
    if (failures === 0)
      warn("a bond could not be slashed and will be tried again", { unit, slashing: id, error: detail });
  }
}

/** Looks where it is, sends what was signed if that can help, and writes down the end when there is one. May be repeated. */
async function advance(ctx: TreasuryContext, bonds: BondDesk, slashing: StoredSlashing): Promise<void> {
  const newest = listSlashingSteps(ctx.db, slashing.id).at(-1);
  if (newest === undefined) return prepare(ctx, bonds, slashing, 0, null);
  const outcome = await bonds.advanceSlash(newest);
  switch (outcome.state) {
    case "unknown":
      return wait(ctx, slashing, outcome.detail);
    case "pending":
      return wait(ctx, slashing, null);
    case "done":
      return finish(ctx, slashing, outcome);
    case "expired":
      return prepare(ctx, bonds, slashing, 0, null);
    case "failed":
      // Others may have been faster; what fails again and again costs its fee each time, so it is given pauses.
      return prepare(ctx, bonds, slashing, reachPause(slashing.failures), outcome.detail);
    default:
      return outcome satisfies never;
  }
}

/** Signs it, anew where what was signed before came to nothing. It is sent only once it is stored. */
async function prepare(
  ctx: TreasuryContext,
  bonds: BondDesk,
  slashing: StoredSlashing,
  pause_ms: number,
  failure: string | null,
): Promise<void> {
  const { db, now, transact } = ctx;
  const { id } = slashing;
  const preparation = await bonds.prepareSlash(slashing.evidence);
  switch (preparation.kind) {
    case "prepared": {
      const failures = failure === null ? 0 : slashing.failures + 1;
      transact(() => {
        addSlashingStep(db, id, preparation.step, now());
        updateSlashing(db, id, { failures, detail: failure, next_ms: now() + pause_ms });
      });
      return;
    }
    case "no_bond":
      return resolve(ctx, bonds, slashing, "it has no bond");
    case "refused":
      return resolve(ctx, bonds, slashing, preparation.detail);
    default:
      preparation satisfies never;
  }
}

/** There is nothing left to be slashed: it was done by one of the steps signed here, or not by this treasury. */
async function resolve(
  ctx: TreasuryContext,
  bonds: BondDesk,
  slashing: StoredSlashing,
  detail: string,
): Promise<void> {
  const { db, now } = ctx;
  for (const step of listSlashingSteps(db, slashing.id).toReversed()) {
    const outcome = await bonds.advanceSlash(step);
    if (outcome.state === "done") return finish(ctx, slashing, outcome);
    if (outcome.state === "unknown" || outcome.state === "pending") return wait(ctx, slashing, detail);
  }
  updateSlashing(db, slashing.id, { state: "nothing_to_slash", detail, at_ms: now() });
}

function wait({ db, now }: TreasuryContext, { id }: StoredSlashing, detail: string | null): void {
  updateSlashing(db, id, { failures: 0, detail, next_ms: now() + LIMITS.payment_poll_ms });
}

function finish({ db, now }: TreasuryContext, { id }: StoredSlashing, { reference, amount }: Done): void {
  updateSlashing(db, id, { state: "slashed", reference, amount, detail: null, at_ms: now() });
}
