import type { Address, Instruction } from "@solana/kit";
import { beforeEach, describe, expect, test } from "vitest";
import { voucherMessage } from "../layout.ts";
import { FEATURES, START_SLOT } from "./chain.ts";
import { checkSignatures, keyOf, signMessage, signVoucher } from "./evidence.ts";
import { type Release, release } from "./instructions.ts";
import { tokensAt } from "./tokens.ts";
import {
  createWorld,
  type EscrowAt,
  FUNDS,
  HOUR,
  openEscrow,
  planRelease,
  releaseByVoucher,
  stateOf,
  type World,
} from "./world.ts";
import { createYesProgram } from "./yes-program.ts";

describe.each(FEATURES)("a voucher, with %s features", (features) => {
  let world: World;
  let escrow: EscrowAt;
  let plan: Release;
  let releasing: Instruction;

  beforeEach(async () => {
    world = await createWorld(features);
    escrow = await openEscrow(world);
    plan = planRelease(world, escrow, [{ who: 1, amount: 98n }], { fee: 2n });
    releasing = release({ ...plan, authority: world.aggregator });
  });

  test("lets the aggregator release up to its limit, over all releases", async () => {
    const [first, second] = await releaseByVoucher(world, plan, 250n);
    const { compute_units } = await world.send([first as Instruction, second as Instruction]);
    expect(compute_units).toBeLessThan(40_000n);
    const next = (releases: number): Release => ({ ...plan, data: { ...plan.data, releases } });
    await world.send(await releaseByVoucher(world, next(1), 250n));
    expect(await world.failureOf(await releaseByVoucher(world, next(2), 250n))).toBe("voucher");
    expect(await world.failureOf(await releaseByVoucher(world, next(2), 299n))).toBe("voucher");
    await world.send(await releaseByVoucher(world, next(2), 300n));
    expect(stateOf(world, escrow).paid).toBe(300n);
    expect(tokensAt(world, world.tokens.bob)).toBe(FUNDS + 294n);
    expect(tokensAt(world, world.tokens.aggregator)).toBe(6n);
  });

  test("has a limit that may be anything", async () => {
    await world.send(await releaseByVoucher(world, plan, 2n ** 64n - 1n));
  });

  test("does not outlive the deadline", async () => {
    const both = await releaseByVoucher(world, plan, 100n);
    world.pass(HOUR + 1n);
    expect(await world.failureOf(both)).toBe("late");
  });

  test("is signed by the client", async () => {
    for (const signer of [world.mallory, world.aggregator]) {
      const both = await releaseByVoucher(world, plan, 100n, { signer });
      expect(await world.failureOf(both)).toBe("voucher");
    }
  });

  test("does not let anybody but the aggregator release", async () => {
    const [first] = await releaseByVoucher(world, plan, 100n);
    const { mallory, aggregator } = world;
    const by = (authority: Release["authority"]): Instruction[] => [
      first as Instruction,
      release({ ...plan, authority }),
    ];
    expect(await world.failureOf(by(mallory))).toBe("authority");
    expect(await world.failureOf(by(aggregator.address))).toBe("signer");
  });

  test("is about one escrow, at one opening", async () => {
    const other = await openEscrow(world, { id: 2 });
    const elsewhere = await releaseByVoucher(world, plan, 100n, { escrow: other.address });
    expect(await world.failureOf(elsewhere)).toBe("voucher");
    for (const slot of [START_SLOT - 1n, START_SLOT + 1n, START_SLOT + 2n ** 32n]) {
      const before = await releaseByVoucher(world, plan, 100n, { slot });
      expect(await world.failureOf(before)).toBe("voucher");
    }
  });

  test("begins with its own name and has its own length", async () => {
    const message = voucherMessage(keyOf(escrow.address), START_SLOT, 100n);
    for (const at of [0, 7, 8, 15]) {
      const renamed = message.with(at, (message[at] as number) ^ 1);
      const signed = await signMessage(world.client, renamed);
      expect(await world.failureOf([checkSignatures(signed), releasing])).toBe("voucher");
    }
    for (const other of [Uint8Array.from([...message, 0]), message.slice(0, 63)]) {
      const signed = await signMessage(world.client, other);
      expect(await world.failureOf([checkSignatures(signed), releasing])).toBe("voucher");
    }
  });

  test("stands in the instruction just before", async () => {
    const voucher = checkSignatures(await signVoucher(world.client, escrow.address, START_SLOT, 101n));
    const { data } = plan;
    const nothing = planRelease(world, escrow, [{ who: 1, amount: 1n }]);
    const between = release(nothing);
    expect(await world.failureOf([releasing])).toBe("voucher");
    expect(await world.failureOf([releasing, voucher])).toBe("voucher");
    const later = release({ ...plan, authority: world.aggregator, data: { ...data, releases: 1 } });
    expect(await world.failureOf([voucher, between, later])).toBe("voucher");
    await world.send([between, voucher, later]);
  });

  test("is one signature in one instruction", async () => {
    const voucher = await signVoucher(world.client, escrow.address, START_SLOT, 100n);
    expect(await world.failureOf([checkSignatures(voucher, voucher), releasing])).toBe("voucher");
    const other = await signVoucher(world.mallory, escrow.address, START_SLOT, 100n);
    expect(await world.failureOf([checkSignatures(other, voucher), releasing])).toBe("voucher");
  });

  test("is checked by the precompile, which refuses another signature", async () => {
    const voucher = await signVoucher(world.client, escrow.address, START_SLOT, 100n);
    const other = await signVoucher(world.client, escrow.address, START_SLOT, 99n);
    const forged = checkSignatures({ ...voucher, signature: other.signature });
    expect(await world.failureOf([forged, releasing])).not.toBe("voucher");
    expect(stateOf(world, escrow).releases).toBe(0);
  });

  test("is not checked by any other program, whatever that says of it", async () => {
    const voucher = await signVoucher(world.client, escrow.address, START_SLOT, 100n);
    const forged = { ...voucher, signature: new Uint8Array(64) };
    const programAddress = await createYesProgram(world);
    const checked = { ...checkSignatures(forged), programAddress };
    expect(await world.failureOf([checked, releasing])).toBe("voucher");
  });

  test("carries signature, key and message in its own instruction", async () => {
    const voucher = await signVoucher(world.client, escrow.address, START_SLOT, 100n);
    const whole = checkSignatures(voucher);
    // The first instruction carries everything, and the second, in turn, says that one of the three is over there.
    for (const field of [2, 6, 12]) {
      const data = Uint8Array.from(whole.data ?? []);
      data[2 + field] = 0;
      data[2 + field + 1] = 0;
      const pointing = { ...whole, data };
      expect(await world.failureOf([whole, pointing, releasing])).toBe("voucher");
    }
    await world.send([whole, whole, releasing]);
  });

  test("is found behind an instruction with accounts", async () => {
    const voucher = checkSignatures(await signVoucher(world.client, escrow.address, START_SLOT, 100n));
    const crowded = { ...voucher, accounts: [world.mint, world.tokens.bob].map(readOnly) };
    await world.send([crowded, releasing]);
  });

  describe("that was shown", () => {
    /** A release of 98 to bob and 2 to the aggregator, unless a share is asked for. */
    const next = (releases: number, shares = [{ who: 1, amount: 98n }], fee = 2n): Release => ({
      ...planRelease(world, escrow, shares, { fee, releases }),
      authority: world.aggregator,
    });
    const remembered = (...asked: Parameters<typeof next>): Instruction[] => [release(next(...asked))];

    test("is remembered: up to its limit, itself included, the aggregator needs none", async () => {
      await world.send(await releaseByVoucher(world, next(0), 200n));
      expect(stateOf(world, escrow)).toMatchObject({ paid: 100n, allowed: 200n });
      expect(await world.failureOf(remembered(1, [{ who: 1, amount: 101n }], 0n))).toBe("voucher");
      await world.send(remembered(1));
      expect(stateOf(world, escrow)).toMatchObject({ paid: 200n, allowed: 200n, releases: 2 });
      expect(await world.failureOf(remembered(2, [{ who: 1, amount: 1n }], 0n))).toBe("voucher");
      expect(await world.failureOf(await releaseByVoucher(world, next(2), 299n))).toBe("voucher");
      await world.send(await releaseByVoucher(world, next(2), 300n));
      expect(stateOf(world, escrow)).toMatchObject({ paid: 300n, allowed: 300n });
    });

    test("may be remembered with any limit", async () => {
      await world.send(await releaseByVoucher(world, next(0), 2n ** 64n - 1n));
      expect(stateOf(world, escrow).allowed).toBe(2n ** 64n - 1n);
      await world.send(remembered(1));
    });

    test("is a word to the aggregator alone", async () => {
      await world.send(await releaseByVoucher(world, next(0), 200n));
      const by = (authority: Release["authority"]): Instruction[] => [release({ ...next(1), authority })];
      expect(await world.failureOf(by(world.mallory))).toBe("authority");
      expect(await world.failureOf(by(world.aggregator.address))).toBe("signer");
    });

    test("is about one escrow", async () => {
      await world.send(await releaseByVoucher(world, next(0), 200n));
      escrow = await openEscrow(world, { id: 2 });
      expect(await world.failureOf(remembered(0))).toBe("voucher");
    });

    test("does not outlive the deadline either", async () => {
      await world.send(await releaseByVoucher(world, next(0), 200n));
      world.pass(HOUR + 1n);
      expect(await world.failureOf(remembered(1))).toBe("late");
    });

    test("counts what the client released, which it does not limit and which shows none", async () => {
      const shown = checkSignatures(await signVoucher(world.client, escrow.address, START_SLOT, 900n));
      const by = (releases: number, amount: bigint): Instruction[] => [
        shown,
        release({ ...next(releases, [{ who: 1, amount }], 0n), authority: world.client }),
      ];
      await world.send(by(0, 50n));
      expect(stateOf(world, escrow)).toMatchObject({ paid: 50n, allowed: 0n });
      await world.send(await releaseByVoucher(world, next(1), 300n));
      await world.send(by(2, 100n));
      expect(await world.failureOf(remembered(3, [{ who: 1, amount: 51n }], 0n))).toBe("voucher");
      await world.send(remembered(3, [{ who: 1, amount: 50n }], 0n));
      await world.send(by(4, 1n));
      expect(stateOf(world, escrow)).toMatchObject({ paid: 301n, allowed: 300n });
    });

    test("counts what is paid, not what was asked", async () => {
      await world.send(await releaseByVoucher(world, next(0), 200n));
      const passedOver = { who: 0, amount: 98n, token: world.alice.address };
      await world.send(remembered(1, [passedOver, { who: 1, amount: 98n }], 4n));
      expect(stateOf(world, escrow)).toMatchObject({ paid: 200n, last_paid: 0b10 });
    });

    test("is not looked at where none is needed, and not remembered", async () => {
      await world.send(await releaseByVoucher(world, next(0), 250n));
      const [higher] = await releaseByVoucher(world, next(1), 900n);
      const [strange] = await releaseByVoucher(world, next(1), 900n, { signer: world.mallory });
      if (higher === undefined || strange === undefined) throw new Error("there are two vouchers");
      await world.send([higher, ...remembered(1, [{ who: 1, amount: 1n }], 0n)]);
      await world.send([strange, ...remembered(2, [{ who: 1, amount: 1n }], 0n)]);
      expect(stateOf(world, escrow)).toMatchObject({ paid: 102n, allowed: 250n });
    });

    test("is not needed to pay nobody", async () => {
      const nobody = [{ who: 1, amount: 98n, token: world.bob.address }];
      await world.send(remembered(0, nobody));
      expect(stateOf(world, escrow)).toMatchObject({ paid: 0n, allowed: 0n, releases: 1 });
      await world.send([release({ ...next(1, [{ who: 1, amount: 1n }], 0n), authority: world.client })]);
      expect(await world.failureOf(remembered(2, nobody))).toBe("voucher");
    });
  });
});

const readOnly = (address: Address) => ({ address, role: 0 }) as const;
