import { createDraw } from "@infernet/protocol/testing/seeded-draw";
import { formatRunnerId, type RunnerId } from "@infernet/schemas/ids";
import { describe, expect, it } from "vitest";
import type { CrashPoint } from "./testing/mortal.ts";
import { TestSlashing } from "./testing/test-slashing.ts";

const providerOf = (n: number): RunnerId => formatRunnerId(new Uint8Array(32).fill(n));
const [liar, other] = [providerOf(1), providerOf(2)];

async function start(bond: bigint | null = 1_000n) {
  const slashing = new TestSlashing();
  if (bond !== null) slashing.chain.bonds.set(liar, bond);
  await slashing.take(liar);
  return { slashing, chain: slashing.chain };
}

describe("a bond", () => {
  it("is slashed once: half of it goes to the reporter and half is burned", async () => {
    const { slashing, chain } = await start();
    await slashing.settle();
    expect([chain.bonds.has(liar), chain.reported, chain.burned]).toEqual([false, 500n, 500n]);
    expect(await slashing.list()).toMatchObject([
      { provider: liar, state: "slashed", amount_micro: "1000", reference: "signature 1", detail: null },
    ]);
  });

  it("is not slashed again for evidence that is given again, also when the provider bonds anew", async () => {
    const { slashing, chain } = await start();
    await slashing.settle();
    chain.bonds.set(liar, 700n);
    await slashing.take(liar);
    await slashing.settle();
    expect([chain.signed, chain.bonds.get(liar)]).toEqual([1, 700n]);
    await slashing.take(liar, 2);
    await slashing.settle();
    expect([chain.signed, chain.bonds.has(liar)]).toEqual([2, false]);
  });

  it("that is not there ends as nothing to slash", async () => {
    const { slashing, chain } = await start(null);
    await slashing.settle();
    expect(chain.signed).toBe(0);
    expect(await slashing.list()).toMatchObject([
      { state: "nothing_to_slash", amount_micro: null, reference: null, detail: "it has no bond" },
    ]);
  });

  it.each<CrashPoint>(["prepared", "stored", "sent"])(
    "is slashed once when the object dies after it is %s",
    async (point) => {
      const { slashing, chain } = await start();
      slashing.crashAt = point;
      await slashing.run();
      if (point === "sent") await slashing.run();
      expect(slashing.crashAt).toBeNull();
      await slashing.settle();
      expect([chain.landed.size, chain.reported]).toEqual([1, 500n]);
      expect(await slashing.list()).toMatchObject([{ state: "slashed" }]);
    },
  );

  it("is signed for again only when what was signed can never land", async () => {
    const { slashing, chain } = await start();
    chain.faults.push("dropped", "down", "dropped");
    for (let n = 0; n < 4; n += 1) {
      await slashing.run();
      slashing.now_ms += 2_000;
    }
    expect([chain.signed, chain.landed.size]).toEqual([1, 0]);
    chain.expireAll();
    await slashing.settle();
    expect([chain.signed, chain.landed.size, chain.reported]).toEqual([2, 1, 500n]);
  });

  it("counts as slashed when an endpoint lies that it never will be", async () => {
    const { slashing, chain } = await start();
    chain.faults.push("answer_lost", "lies_expired");
    await slashing.settle();
    expect(chain.reported).toBe(500n);
    expect(await slashing.list()).toMatchObject([{ state: "slashed", reference: "signature 1" }]);
  });

  it("that others slash first is nothing to slash", async () => {
    const { slashing, chain } = await start();
    await slashing.run();
    chain.take(liar);
    await slashing.settle();
    expect(chain.reported).toBe(0n);
    expect(await slashing.list()).toMatchObject([{ state: "nothing_to_slash" }]);
  });

  it("whose slashing fails on the chain is tried again after a pause, and holds up no other", async () => {
    const { slashing, chain } = await start();
    chain.faults.push("fails");
    await slashing.run();
    await slashing.run();
    chain.bonds.set(other, 10n);
    await slashing.take(other);
    await slashing.settle();
    expect(chain.reported).toBe(505n);
    expect((await slashing.list()).map(({ state }) => state)).toEqual(["slashed", "slashed"]);
  });
});

it("whatever fails and dies, each bond is slashed once", async () => {
  const seed = Date.now() % 2 ** 31;
  const draw = createDraw(seed);
  const points = ["prepared", "stored", "sent"] as const;
  const faults = ["down", "dropped", "answer_lost", "fails", "lies_expired", null] as const;
  for (let n = 0; n < 40; n += 1) {
    const { slashing, chain } = await start();
    // The treasury looks twice before it believes that nothing came of what it signed: one lie is seen through, two are not.
    let hasLied = false;
    for (let turn = 0; turn < 12; turn += 1) {
      if (draw(3) === 0) slashing.crashAt = points[draw(3)] ?? null;
      const fault = draw(2) === 0 ? (faults[draw(faults.length)] ?? null) : null;
      if (fault !== null && !(fault === "lies_expired" && hasLied)) chain.faults.push(fault);
      hasLied ||= fault === "lies_expired";
      if (draw(6) === 0) chain.expireAll();
      const next_ms = await slashing.run();
      slashing.now_ms = Math.max(slashing.now_ms + 1, next_ms ?? 0);
    }
    slashing.crashAt = null;
    chain.faults.length = 0;
    await slashing.settle();
    expect([chain.reported, chain.burned], `seed ${seed}`).toEqual([500n, 500n]);
    expect(
      (await slashing.list()).map(({ state }) => state),
      `seed ${seed}`,
    ).toEqual(["slashed"]);
  }
});
