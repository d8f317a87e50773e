import { createDraw } from "@infernet/protocol/testing/seeded-draw";
import { describe, expect, it } from "vitest";
import { FakeChain } from "../rails/testing/fake-chain.ts";
import { acknowledgePlace } from "./acknowledge-place.ts";
import { renderEscrow } from "./render-escrow.ts";
import { settleByHand } from "./settle-by-hand.ts";
import type { CrashPoint } from "./testing/mortal.ts";
import { TestTreasury } from "./testing/test-treasury.ts";

const DAY_MS = 86_400_000;

async function start(providers = 2) {
  const treasury = new TestTreasury();
  await treasury.register();
  return { treasury, chain: treasury.chain, providers: treasury.addProviders(providers) };
}

const fees = async (treasury: TestTreasury) => {
  const paid = treasury.chain.escrow?.paid ?? 0n;
  return paid - [...treasury.chain.payees.values()].reduce((sum, { received }) => sum + received, 0n);
};

describe("a payout", () => {
  it("is paid from its escrow with others in one payment, and its provider is told so once", async () => {
    const { treasury, chain, providers } = await start();
    const [one, two] = providers;
    if (one === undefined || two === undefined) throw new Error("no providers");
    const ids = [
      await treasury.take(one, 1_000n, 10n),
      await treasury.take(two, 500n, 5n),
      await treasury.take(one, 7n),
    ];
    await treasury.settle();
    expect([chain.received(one), chain.received(two), await fees(treasury)]).toEqual([1_007n, 500n, 15n]);
    expect(chain.escrow?.sequence).toBe(1);
    expect(treasury.told.map(({ id, state, reference }) => [id, state, reference]).sort()).toEqual(
      ids.map((id) => [id, "paid", "signature 1"]).sort(),
    );
    await treasury.settle();
    expect(treasury.told).toHaveLength(3);
    expect(await treasury.audit()).toEqual([]);
  });

  it.each<CrashPoint>(["prepared", "stored", "sent"])(
    "is paid once when the object dies after it is %s",
    async (point) => {
      const { treasury, chain, providers } = await start(1);
      const [one] = providers;
      if (one === undefined) throw new Error("no provider");
      const id = await treasury.take(one, 1_000n, 10n);
      treasury.crashAt = point;
      await treasury.run();
      expect(treasury.crashAt).toBeNull();
      await treasury.settle();
      expect([chain.received(one), chain.escrow?.sequence]).toEqual([1_000n, 1]);
      expect(chain.landed.size).toBe(1);
      expect((await treasury.stateOf(id))?.state).toBe("paid");
      expect(treasury.told).toHaveLength(1);
      expect(await treasury.audit()).toEqual([]);
    },
  );

  it("is signed again, under the same number, only when what was signed can never land", async () => {
    const { treasury, chain, providers } = await start(1);
    const [one] = providers;
    if (one === undefined) throw new Error("no provider");
    await treasury.take(one, 1_000n);
    chain.faults.push("dropped", "down", "dropped");
    for (let n = 0; n < 3; n += 1) {
      await treasury.run();
      treasury.now_ms += 2_000;
    }
    expect([chain.signed, chain.landed.size]).toEqual([1, 0]);
    chain.expireAll();
    await treasury.settle();
    expect([chain.signed, chain.landed.size, chain.received(one)]).toEqual([2, 1, 1_000n]);
    expect(await treasury.audit()).toEqual([]);
  });

  it("is paid once when an endpoint lies that it never will be", async () => {
    const { treasury, chain, providers } = await start(1);
    const [one] = providers;
    if (one === undefined) throw new Error("no provider");
    const id = await treasury.take(one, 1_000n);
    chain.faults.push("answer_lost", "lies_expired", "lies_expired");
    await treasury.settle(600_000);
    expect([chain.received(one), chain.escrow?.sequence]).toEqual([1_000n, 1]);
    expect((await treasury.stateOf(id))?.reference).toBe("signature 1");
    expect(await treasury.audit()).toEqual([]);
  });

  it.each([0, 1])(
    "is paid once when an endpoint says that it failed, and hides it (number %i)",
    async (sequence) => {
      const { treasury, chain, providers } = await start(1);
      const [one] = providers;
      if (one === undefined) throw new Error("no provider");
      await treasury.take(one, 1_000n);
      await treasury.run();
      expect(chain.received(one)).toBe(1_000n);
      chain.faults.push("lies_failed");
      chain.lie = { paid: 0n, sequence };
      await treasury.settle(600_000);
      expect([chain.received(one), chain.escrow?.sequence]).toEqual([1_000n, 1]);
      const [, place] = (await treasury.view()).places;
      expect(place?.halted ?? place?.detail).toMatch(/payment/);
    },
  );

  it("whose provider has no bond holds up no other, is tried again, and returned in the end", async () => {
    const { treasury, chain, providers } = await start(2);
    const [one, two] = providers;
    if (one === undefined || two === undefined) throw new Error("no providers");
    chain.addPayee(two, "unbonded");
    const stuck = await treasury.take(two, 500n);
    const id = await treasury.take(one, 1_000n);
    await treasury.settle();
    expect((await treasury.stateOf(id))?.state).toBe("paid");
    expect(await treasury.stateOf(stuck)).toMatchObject({ state: "due", attempts: 1 });
    await treasury.settle(DAY_MS);
    expect(await treasury.stateOf(stuck)).toMatchObject({
      state: "returned",
      detail: expect.stringContaining("unbonded"),
    });
    expect(treasury.told.map(({ state }) => state)).toEqual(["paid", "returned"]);
    expect(await treasury.audit()).toEqual([]);
  });

  it("whose account is frozen on the way is passed over and paid later, and the fee is taken once", async () => {
    const { treasury, chain, providers } = await start(2);
    const [one, two] = providers;
    if (one === undefined || two === undefined) throw new Error("no providers");
    const [first, second] = [await treasury.take(one, 1_000n, 10n), await treasury.take(two, 1_000n, 10n)];
    chain.faults.push("frozen");
    await treasury.settle();
    expect([await treasury.stateOf(first), await treasury.stateOf(second)]).toMatchObject([
      { state: "due", attempts: 1, detail: expect.stringContaining("passed over") },
      { state: "paid" },
    ]);
    expect(await fees(treasury)).toBe(20n);
    chain.addPayee(one);
    await treasury.settle(DAY_MS);
    expect((await treasury.stateOf(first))?.state).toBe("paid");
    expect([chain.received(one), chain.received(two), await fees(treasury)]).toEqual([1_000n, 1_000n, 20n]);
    expect(await treasury.audit()).toEqual([]);
  });

  it("that the escrow cannot give waits for more to be paid in", async () => {
    const { treasury, chain, providers } = await start(1);
    const [one] = providers;
    if (one === undefined || chain.escrow === null) throw new Error("no provider");
    const id = await treasury.take(one, 10_000_001n);
    await treasury.settle();
    expect(await treasury.stateOf(id)).toMatchObject({
      state: "due",
      detail: expect.stringContaining("10000000"),
    });
    chain.escrow.deposited = 20_000_000n;
    chain.limit = 20_000_000n;
    await treasury.register();
    await treasury.settle(DAY_MS);
    expect((await treasury.stateOf(id))?.state).toBe("paid");
    expect(await treasury.audit()).toEqual([]);
  });

  it("goes back at once when the escrow's deadline is past, or nobody has registered it", async () => {
    const { treasury, chain, providers } = await start(1);
    const [one] = providers;
    if (one === undefined || chain.escrow === null) throw new Error("no provider");
    const id = await treasury.take(one, 1_000n);
    chain.escrow.deadline_ms = treasury.now_ms;
    treasury.now_ms += 1;
    await treasury.settle();
    expect(await treasury.stateOf(id)).toMatchObject({
      state: "returned",
      detail: expect.stringContaining("deadline"),
    });

    const other = new TestTreasury();
    other.addProviders(1);
    const lost = await other.take(one, 1_000n);
    await other.settle();
    expect(await other.stateOf(lost)).toMatchObject({
      state: "returned",
      detail: expect.stringContaining("registered"),
    });
  });

  it("of which the chain has forgotten whether it was paid is the operator's to close", async () => {
    const { treasury, providers } = await start(2);
    const [one, two] = providers;
    if (one === undefined || two === undefined) throw new Error("no providers");
    const ids = [await treasury.take(one, 1_000n), await treasury.take(two, 500n)] as const;
    treasury.chain.faults.push(null, "forgotten");
    await treasury.settle();
    expect(await treasury.stateOf(ids[0])).toMatchObject({ state: "pending", reference: "signature 1" });
    const say = (n: 0 | 1) =>
      treasury.with((ctx) => settleByHand(ctx, ids[n], { state: "paid", reference: "seen on the chain" }));
    await say(0);
    await say(1);
    await treasury.settle();
    expect(treasury.told.map(({ state }) => state)).toEqual(["paid", "paid"]);
    expect(await treasury.audit()).toEqual([]);
  });

  it("is told until its provider acknowledges", async () => {
    const { treasury, providers } = await start(1);
    const [one] = providers;
    if (one === undefined) throw new Error("no provider");
    await treasury.take(one, 1_000n);
    treasury.deaf.add(one);
    await treasury.settle();
    expect(treasury.told).toEqual([]);
    treasury.deaf.clear();
    await treasury.settle(600_000);
    expect(treasury.told).toHaveLength(1);
  });
});

describe("an escrow that does not agree with the book", () => {
  it("is paid from no more until the operator has looked, and then goes on", async () => {
    const { treasury, chain, providers } = await start(1);
    const [one] = providers;
    if (one === undefined || chain.escrow === null) throw new Error("no provider");
    chain.escrow.paid = 77n;
    const id = await treasury.take(one, 1_000n);
    await treasury.settle(DAY_MS);
    expect((await treasury.stateOf(id))?.state).toBe("due");
    expect((await treasury.view()).places[1]?.halted).toContain("77 were released");
    expect(treasury.warned).toHaveLength(1);

    await treasury.with((ctx) => acknowledgePlace(ctx, FakeChain.ESCROW));
    await treasury.settle();
    expect((await treasury.stateOf(id))?.state).toBe("paid");
    expect(await treasury.audit()).toEqual([]);
  });

  it("is done with when it is closed after its deadline, and halted when it is gone before", async () => {
    const { treasury, chain, providers } = await start(1);
    const [one] = providers;
    if (one === undefined || chain.escrow === null) throw new Error("no provider");
    const { deadline_ms } = chain.escrow;
    chain.escrow = null;
    const id = await treasury.take(one, 1_000n);
    await treasury.settle();
    expect((await treasury.view()).places[1]?.halted).toContain("before its deadline");
    treasury.now_ms = deadline_ms + 1;
    await treasury.settle(2 * 3_600_000);
    expect(await treasury.stateOf(id)).toMatchObject({
      state: "returned",
      detail: expect.stringContaining("closed"),
    });
    const view = await treasury.with((ctx) => renderEscrow(ctx, FakeChain.ESCROW));
    expect(view.spendable_micro).toBe("0");
    expect((await treasury.view()).audit).toEqual([]);
  });

  it("is found by the hourly comparison, and goes on by itself when it agrees again", async () => {
    const { treasury, chain, providers } = await start(1);
    const [one] = providers;
    if (one === undefined || chain.escrow === null) throw new Error("no provider");
    chain.escrow.deposited = 5n;
    treasury.now_ms += 3_600_000;
    await treasury.settle();
    expect((await treasury.view()).places[1]?.halted).toContain("5 were paid into it");
    const id = await treasury.take(one, 1_000n);
    chain.escrow.deposited = 10_000_000n;
    await treasury.settle(2 * 3_600_000);
    expect((await treasury.stateOf(id))?.state).toBe("paid");
  });

  it("is halted when others release under the number of a payment that never landed", async () => {
    const { treasury, chain, providers } = await start(1);
    const [one] = providers;
    if (one === undefined || chain.escrow === null) throw new Error("no provider");
    const id = await treasury.take(one, 1_000n);
    chain.faults.push("dropped");
    await treasury.run();
    chain.expireAll();
    chain.escrow.sequence += 1;
    chain.escrow.paid += 300n;
    await treasury.settle(600_000);
    expect((await treasury.stateOf(id))?.state).toBe("sending");
    expect((await treasury.view()).places[1]?.halted).toContain("none of this book's");

    await treasury.with((ctx) => acknowledgePlace(ctx, FakeChain.ESCROW));
    await treasury.settle();
    expect((await treasury.stateOf(id))?.state).toBe("paid");
    expect([chain.received(one), await treasury.audit()]).toEqual([1_000n, []]);
  });
});

const SEED = Date.now() % 2 ** 31;
const FAULTS = ["down", "dropped", "answer_lost", "lies_expired", null, null] as const;
const CRASHES = ["prepared", "stored", "sent", null, null, null] as const;

it(`whatever fails and dies, each payout is paid once or returned (seed ${SEED})`, {
  timeout: 60_000,
}, async () => {
  const draw = createDraw(SEED);
  for (let round = 0; round < 6; round += 1) {
    const { treasury, chain, providers } = await start(6);
    const orders: {
      id: Awaited<ReturnType<TestTreasury["take"]>>;
      provider: (typeof providers)[number];
      micro: bigint;
    }[] = [];
    for (let step = 0; step < 40; step += 1) {
      const provider = providers[draw(providers.length)];
      if (provider !== undefined && orders.length < 15) {
        const micro = BigInt(10 + draw(1_000));
        orders.push({ id: await treasury.take(provider, micro, BigInt(draw(12))), provider, micro });
      }
      chain.faults.push(FAULTS[draw(FAULTS.length)] ?? null);
      treasury.crashAt = CRASHES[draw(CRASHES.length)] ?? null;
      if (draw(6) === 0) chain.expireAll();
      if (provider !== undefined && draw(4) === 0) {
        const payee = chain.payees.get(provider);
        if (payee !== undefined) payee.state = payee.state === "ready" ? "frozen" : "ready";
      }
      await treasury.run();
      treasury.now_ms += draw(5_000);
    }
    treasury.crashAt = null;
    chain.faults.length = 0;
    for (const payee of chain.payees.values()) payee.state = "ready";
    await treasury.settle(DAY_MS);
    for (const provider of providers) {
      let sum = 0n;
      for (const order of orders.filter((one) => one.provider === provider)) {
        const state = (await treasury.stateOf(order.id))?.state;
        expect(["paid", "returned"]).toContain(state);
        if (state === "paid") sum += order.micro;
      }
      expect(chain.received(provider)).toBe(sum);
    }
    expect(new Set(treasury.told.map(({ id }) => id)).size).toBe(orders.length);
    expect(await treasury.audit()).toEqual([]);
  }
});
