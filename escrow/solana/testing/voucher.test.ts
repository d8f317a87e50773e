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
});

const readOnly = (address: Address) => ({ address, role: 0 }) as const;
