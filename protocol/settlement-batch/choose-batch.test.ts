import { formatRunnerId } from "@infernet/schemas/ids";
import { PayoutId } from "@infernet/schemas/payout";
import { describe, expect, it } from "vitest";
import { createDraw, type Draw } from "../testing/seeded-draw.ts";
import { feeCap } from "./batch-fee.ts";
import { type BatchBounds, chooseBatch, type DuePayout } from "./choose-batch.ts";

const provider = (n: number) => formatRunnerId(new Uint8Array(32).fill(n));
const id = (n: number) => PayoutId.parse(`pay_${n.toString(16).padStart(32, "0")}`);
const due = (n: number, of: number, amount: bigint, fee = 0n): DuePayout => ({
  id: id(n),
  provider: provider(of),
  address: null,
  amount,
  fee,
});
const bounds = (changes: Partial<BatchBounds> = {}): BatchBounds => ({
  payees_max: 7,
  shared_min: 1n,
  available: null,
  fee_bps_max: 200,
  collected: 0n,
  ...changes,
});

describe("the next payment from a place", () => {
  it("pays several payouts of one provider in one share", () => {
    const choice = chooseBatch([due(1, 1, 10n), due(2, 2, 20n), due(3, 1, 30n)], bounds());
    expect(choice).toMatchObject({
      kind: "pay",
      batch: {
        shares: [
          { provider: provider(1), amount: 40n, payouts: [id(1), id(3)] },
          { provider: provider(2), amount: 20n, payouts: [id(2)] },
        ],
      },
    });
  });

  it("keeps what goes to two addresses of a provider apart", () => {
    const choice = chooseBatch([due(1, 1, 10n), { ...due(2, 1, 20n), address: "x" }], bounds());
    expect(choice.kind === "pay" && choice.batch.shares).toHaveLength(2);
  });

  it("has as many payees as fit, the oldest first, and all of theirs", () => {
    const choice = chooseBatch(
      [due(1, 1, 1n), due(2, 2, 1n), due(3, 3, 1n), due(4, 1, 1n)],
      bounds({ payees_max: 2 }),
    );
    expect(choice.kind === "pay" && choice.batch.shares.map(({ payouts }) => payouts)).toEqual([
      [id(1), id(4)],
      [id(2)],
    ]);
  });

  it("leaves out what the place cannot give, and says which it could not give alone", () => {
    const choice = chooseBatch(
      [due(1, 1, 101n), due(2, 2, 60n), due(3, 3, 50n), due(4, 4, 40n)],
      bounds({ available: 100n }),
    );
    expect(choice).toMatchObject({ kind: "pay", unaffordable: [id(1)] });
    expect(choice.kind === "pay" && choice.batch.shares.flatMap(({ payouts }) => payouts)).toEqual([
      id(2),
      id(4),
    ]);
  });

  it("waits while all of it is worth less than sending it costs", () => {
    const small = [due(1, 1, 40n), due(2, 2, 59n)];
    expect(chooseBatch(small, bounds({ shared_min: 100n })).kind).toBe("wait");
    expect(chooseBatch([...small, due(3, 3, 1n)], bounds({ shared_min: 100n })).kind).toBe("pay");
  });

  it("asks for less of a fee by what was collected ahead", () => {
    const choice = chooseBatch([due(1, 1, 1_000n, 10n)], bounds({ collected: 4n }));
    expect(choice.kind === "pay" && choice.batch.fee).toBe(6n);
  });
});

const SEED = Date.now() % 2 ** 31;

it(`never takes more than there is, more than may be, or a payout twice, and leaves nothing that can be paid (seed ${SEED})`, () => {
  const draw = createDraw(SEED);
  for (let round = 0; round < 2_000; round += 1) playRound(draw);
});

function playRound(draw: Draw): void {
  let payouts = Array.from({ length: draw(40) }, (_, n) =>
    due(n, draw(12), BigInt(1 + draw(10_000)), BigInt(draw(200))),
  );
  const limits = bounds({
    payees_max: 1 + draw(7),
    shared_min: BigInt(draw(3) === 0 ? draw(2_000) : 1),
    available: draw(3) === 0 ? null : BigInt(draw(30_000)),
    fee_bps_max: draw(4) === 0 ? null : draw(201),
    collected: BigInt(draw(50)),
  });
  while (payouts.length > 0) {
    const choice = chooseBatch(payouts, limits);
    const gone = new Set(choice.unaffordable);
    if (choice.kind === "pay") {
      const { shares, fee } = choice.batch;
      const paid = shares.flatMap((share) => share.payouts);
      const shared = shares.reduce((sum, { amount }) => sum + amount, 0n);
      const ids = new Map(payouts.map((payout) => [payout.id, payout]));
      expect(new Set(paid).size).toBe(paid.length);
      for (const share of shares)
        expect(share.payouts.reduce((sum, one) => sum + (ids.get(one)?.amount ?? 0n), 0n)).toBe(share.amount);
      expect(shares.length).toBeLessThanOrEqual(limits.payees_max);
      expect(shared).toBeGreaterThanOrEqual(limits.shared_min);
      if (limits.available !== null) expect(shared + fee).toBeLessThanOrEqual(limits.available);
      const fees = paid.reduce((sum, one) => sum + (ids.get(one)?.fee ?? 0n), 0n);
      expect(fee).toBeLessThanOrEqual(fees);
      if (limits.fee_bps_max !== null) {
        expect(fee).toBeLessThanOrEqual(feeCap(shared, limits.fee_bps_max));
        // The fee is at most that part of all that is paid out.
        expect(fee * 10_000n).toBeLessThanOrEqual((shared + fee) * BigInt(limits.fee_bps_max));
      }
      for (const one of paid) gone.add(one);
    }
    if (choice.kind === "wait" && gone.size === 0) break;
    payouts = payouts.filter((payout) => !gone.has(payout.id));
  }
  if (limits.available === null && limits.shared_min === 1n) expect(payouts).toEqual([]);
}
