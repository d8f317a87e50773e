import { Unit } from "@infernet/schemas/ledger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Payee, PayeeCheck, PaymentOutcome, PaymentTerms, Rail } from "./rail.ts";

/** A rail, and what a test needs of the world behind it. */
export interface RailWorld {
  /** The rail as another process would open it. */
  open(): Promise<Rail>;
  /** Two that can be paid. */
  payees: readonly [Payee, Payee];
  /** One that cannot; null on a rail that pays anybody. */
  unready: { payee: Payee; state: PayeeCheck["state"] } | null;
  /** Terms of the next payment to the payees, under a number that is free. */
  terms(amounts: readonly bigint[], fee: bigint): Promise<PaymentTerms>;
  /** What a payee has received on this rail; null where the rail cannot tell. */
  received: ((payee: Payee) => Promise<bigint>) | null;
  /** Time passes until nothing that is signed by now can happen any more; null where nothing expires. */
  expire: (() => Promise<void>) | null;
  close(): Promise<void>;
}

/** Steps after which a payment must have come to an end. */
const STEPS_MAX = 200;

/** What every rail must do, whatever it moves money with. */
export function describeRail(name: string, start: () => Promise<RailWorld>): void {
  describe(`the rail ${name}`, () => {
    let world: RailWorld;
    let rail: Rail;
    beforeAll(async () => {
      world = await start();
      rail = await world.open();
    }, 60_000);
    afterAll(() => world.close());

    const prepare = async (terms: PaymentTerms): Promise<string> => {
      const preparation = await rail.prepare(terms);
      if (preparation.kind !== "prepared") throw new Error(`it was ${JSON.stringify(preparation)}`);
      return preparation.step;
    };
    const finish = async (by: Rail, step: string): Promise<PaymentOutcome> => {
      for (let n = 0; n < STEPS_MAX; n += 1) {
        const outcome = await by.advance(step);
        if (outcome.state !== "unknown" && outcome.state !== "pending") return outcome;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`the payment has not ended after ${STEPS_MAX} steps`);
    };
    const sums = () => Promise.all(world.payees.map((payee) => world.received?.(payee) ?? 0n));
    const gains = async (before: readonly bigint[]) =>
      (await sums()).map((sum, i) => sum - (before[i] ?? 0n));
    /** What a payment of these must have brought, on a rail that can tell. */
    const brought = (...amounts: bigint[]) =>
      amounts.map((amount) => (world.received === null ? 0n : amount));

    it("says what it can do without contradicting itself", () => {
      const { unit, many_payees, payees_per_payment, smallest_payment, escrows } = rail.capabilities;
      expect(Unit.safeParse(unit).success).toBe(true);
      expect(payees_per_payment).toBeGreaterThanOrEqual(1);
      expect(many_payees).toBe(payees_per_payment > 1);
      expect(smallest_payment).toBeGreaterThanOrEqual(1n);
      expect(rail.escrows !== null).toBe(escrows);
    });

    it("tells payees that can be paid from one that cannot, in their order", async () => {
      const { place } = await world.terms([1n], 0n);
      const state = place === null ? null : ((await rail.escrows?.read(place.escrow)) ?? null);
      const unready = world.unready === null ? [] : [world.unready];
      const payees = [world.payees[0], ...unready.map(({ payee }) => payee), world.payees[1]];
      const checks = await rail.checkPayees(state, payees);
      expect(checks.map((check) => check.state)).toEqual([
        "ready",
        ...unready.map(({ state }) => state),
        "ready",
      ]);
      for (const check of checks) expect(check.detail === "").toBe(check.state === "ready");
    });

    it("prepares a payment and sends nothing", async () => {
      const before = await sums();
      await prepare(await world.terms([20_000n], 0n));
      expect(await gains(before)).toEqual([0n, 0n]);
    });

    it("pays once, however often a step is advanced, and by how many", async () => {
      const before = await sums();
      const step = await prepare(
        await world.terms([20_000n, 30_000n].slice(0, rail.capabilities.payees_per_payment), 100n),
      );
      await Promise.all([rail.advance(step), rail.advance(step), (await world.open()).advance(step)]);
      const end = await finish(rail, step);
      expect(["done", "handed_over"]).toContain(end.state);
      expect(await rail.advance(step)).toEqual(end);
      if (end.state === "done") expect(end).toMatchObject({ paid: [true, true], fee: 100n });
      expect(await gains(before)).toEqual(brought(20_000n, 30_000n));
    });

    it("goes on with a step of which only the text is left", async () => {
      const before = await sums();
      const step = JSON.parse(JSON.stringify(await prepare(await world.terms([20_000n], 0n))));
      const end = await finish(await world.open(), step);
      expect(["done", "handed_over"]).toContain(end.state);
      expect(await gains(before)).toEqual(brought(20_000n, 0n));
    });

    it("prepares a payment anew that has expired, and pays it once", async () => {
      if (world.expire === null) return;
      const before = await sums();
      const terms = await world.terms([20_000n], 0n);
      const first = await prepare(terms);
      await world.expire();
      expect(await finish(rail, first)).toEqual({ state: "expired" });
      const second = await prepare(terms);
      expect(await finish(rail, second)).toMatchObject({ state: "done", paid: [true] });
      expect(await rail.advance(first)).toEqual({ state: "expired" });
      expect(await rail.prepare(terms)).toEqual({ kind: "superseded" });
      expect(await gains(before)).toEqual([20_000n, 0n]);
    });

    it("lets one of two payments under one number happen", async () => {
      if (world.expire === null) return;
      const before = await sums();
      const terms = await world.terms([20_000n], 0n);
      const [first, second] = [await prepare(terms), await prepare({ ...terms, fee: 1n })];
      expect(await finish(rail, first)).toMatchObject({ state: "done" });
      expect((await rail.advance(second)).state).not.toBe("done");
      await world.expire();
      expect((await finish(rail, second)).state).toMatch(/^(failed|expired)$/);
      expect(await gains(before)).toEqual([20_000n, 0n]);
    });
  });
}
