import { type Address, type Instruction, lamports } from "@solana/kit";
import { getCreateAssociatedTokenIdempotentInstruction, TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { beforeEach, describe, expect, test } from "vitest";
import { AMOUNT_MAX, TERM_SECONDS_MAX } from "../layout.ts";
import { FEATURES, lamportsOf, START, START_SLOT } from "./chain.ts";
import { keyOf } from "./evidence.ts";
import { open, placeEscrow } from "./instructions.ts";
import { createMint, createToken, tokensAt, writeAccount } from "./tokens.ts";
import {
  createWorld,
  DAY,
  DEPOSIT,
  type EscrowAt,
  exists,
  FUNDS,
  HOUR,
  longer,
  openEscrow,
  planEscrow,
  shorter,
  stateOf,
  type World,
  withAccount,
  withData,
  withoutLastAccount,
} from "./world.ts";

const TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb" as Address;
const NATIVE_MINT = "So11111111111111111111111111111111111111112" as Address;
const ZEROS = new Uint8Array(32);

describe.each(FEATURES)("open, with %s features", (features) => {
  let world: World;
  let escrow: EscrowAt;
  const changed = (over: Partial<EscrowAt["open"]["data"]>): Instruction =>
    open({ ...escrow.open, data: { ...escrow.open.data, ...over } });

  beforeEach(async () => {
    world = await createWorld(features);
    escrow = await planEscrow(world);
  });

  test("puts the deposit into the vault and writes down the terms", async () => {
    const { compute_units } = await world.send([open(escrow.open)]);
    expect(compute_units).toBeLessThan(60_000n);
    expect(tokensAt(world, escrow.vault)).toBe(DEPOSIT);
    expect(tokensAt(world, world.tokens.client)).toBe(FUNDS - DEPOSIT);
    expect(stateOf(world, escrow)).toEqual({
      bump: escrow.bump,
      fee_bps: 200,
      payee_rule: 1,
      releases: 0,
      last_paid: 0,
      opened_slot: START_SLOT,
      deadline: START + HOUR,
      paid: 0n,
      allowed: 0n,
      min_bond: 0n,
      client: keyOf(world.client.address),
      aggregator: keyOf(world.aggregator.address),
      mint: keyOf(world.mint),
      id: escrow.id,
      payees: escrow.open.data.payees,
      rent_payer: keyOf(world.renter.address),
    });
  });

  test("has the rent payer pay for the accounts, and exactly what keeps them", async () => {
    const before = lamportsOf(world, world.renter.address);
    await world.send([open(escrow.open)]);
    const state = world.svm.minimumBalanceForRentExemption(256n);
    const vault = world.svm.minimumBalanceForRentExemption(165n);
    expect(lamportsOf(world, escrow.address)).toBe(state);
    expect(lamportsOf(world, world.renter.address)).toBe(before - state - vault);
  });

  test("pays the rent of a cluster that still doubles the price of a byte", async () => {
    const rent = world.svm.getRent();
    rent.lamportsPerByteYear = rent.lamportsPerByteYear / 2n;
    rent.exemptionThreshold = 2;
    world.svm.setRent(rent);
    await world.send([open(escrow.open)]);
    expect(lamportsOf(world, escrow.address)).toBe(384n * 2n * rent.lamportsPerByteYear);
  });

  test("needs no money and no token account of the client", async () => {
    await world.send([
      open({ ...escrow.open, source: world.mallory.address, data: { ...escrow.open.data, amount: 0n } }),
    ]);
    expect(tokensAt(world, escrow.vault)).toBe(0n);
  });

  test("takes a vault that somebody made and paid into before", async () => {
    await createToken(world, { mint: world.mint, owner: escrow.address, amount: 7n });
    await world.send([open(escrow.open)]);
    expect(tokensAt(world, escrow.vault)).toBe(DEPOSIT + 7n);
  });

  test("takes a vault that somebody made by an ordinary transaction", async () => {
    const create = getCreateAssociatedTokenIdempotentInstruction({
      payer: world.mallory,
      ata: escrow.vault,
      owner: escrow.address,
      mint: world.mint,
    });
    await world.send([create]);
    await world.send([open(escrow.open)]);
    expect(tokensAt(world, escrow.vault)).toBe(DEPOSIT);
  });

  test.each([900_000n, 3_000_000n, 50_000_000n])(
    "succeeds at addresses that hold %d lamports",
    async (some) => {
      world.svm.airdrop(escrow.address, lamports(some));
      world.svm.airdrop(escrow.vault, lamports(some));
      await world.send([open(escrow.open)]);
      expect(stateOf(world, escrow).deadline).toBe(START + HOUR);
      expect(tokensAt(world, escrow.vault)).toBe(DEPOSIT);
    },
  );

  test("happens once for an address", async () => {
    await world.send([open(escrow.open)]);
    expect(await world.failureOf([open(escrow.open)])).toBe("state");
    expect(tokensAt(world, escrow.vault)).toBe(DEPOSIT);
  });

  test("needs the client's signature, and the rent payer's", async () => {
    const { client, renter } = world;
    expect(await world.failureOf([open({ ...escrow.open, client: client.address })])).toBe("signer");
    expect(await world.failureOf([open({ ...escrow.open, rent_payer: renter.address })])).toBe("signer");
  });

  test("the client may pay the rent as well", async () => {
    await world.send([open({ ...escrow.open, rent_payer: world.client })]);
    expect(stateOf(world, escrow).rent_payer).toEqual(keyOf(world.client.address));
  });

  test("wants a deadline that comes, and within 90 days", async () => {
    expect(await world.failureOf([changed({ deadline: START })])).toBe("late");
    expect(await world.failureOf([changed({ deadline: -(2n ** 63n) })])).toBe("late");
    expect(await world.failureOf([changed({ deadline: START + 90n * DAY + 1n })])).toBe("late");
    expect(await world.failureOf([changed({ deadline: 2n ** 63n - 1n })])).toBe("late");
    await openEscrow(world, { id: 2, deadline: START + 1n });
    await openEscrow(world, { id: 3, deadline: START + TERM_SECONDS_MAX });
  });

  test("takes a fee of 200 basis points and not 201", async () => {
    expect(await world.failureOf([changed({ fee_bps: 201 })])).toBe("fee");
    expect(await world.failureOf([changed({ fee_bps: 0xffff })])).toBe("fee");
    await world.send([changed({ fee_bps: 200 })]);
  });

  test("wants payees or a bond, as the rule says, and never both", async () => {
    const bonded = { payee_rule: 2, min_bond: 1n, payees: ZEROS } as const;
    const { payees } = escrow.open.data;
    expect(await world.failureOf([changed({ payees: ZEROS })])).toBe("payee");
    expect(await world.failureOf([changed({ min_bond: 1n })])).toBe("payee");
    expect(await world.failureOf([changed({ ...bonded, payees })])).toBe("payee");
    expect(await world.failureOf([changed({ ...bonded, min_bond: 0n })])).toBe("payee");
    for (const rule of [0, 3, 255]) {
      const none = (data: Uint8Array): Uint8Array => data.with(4, rule);
      expect(await world.failureOf([withData(open(escrow.open), none)])).toBe("payee");
      expect(await world.failureOf([withData(changed(bonded), none)])).toBe("payee");
      const neither = changed({ payees: ZEROS });
      expect(await world.failureOf([withData(neither, none)])).toBe("payee");
    }
    await world.send([changed(bonded)]);
    expect(stateOf(world, escrow)).toMatchObject({ payee_rule: 2, min_bond: 1n, payees: ZEROS });
  });

  test("a root counts as one whatever its zeros", async () => {
    for (const [i, at] of [0, 8, 16, 31].entries()) {
      await openEscrow(world, { id: 10 + i, payees: ZEROS.with(at, 1) });
    }
  });

  test("counts in amounts up to 2^53 - 1", async () => {
    const rich = await createToken(world, {
      mint: world.mint,
      owner: world.client.address,
      amount: 2n ** 60n,
    });
    expect(await world.failureOf([changed({ amount: AMOUNT_MAX + 1n })])).toBe("amount");
    expect(await world.failureOf([changed({ amount: 2n ** 64n - 1n })])).toBe("amount");
    const bonded = { payee_rule: 2, payees: ZEROS } as const;
    expect(await world.failureOf([changed({ ...bonded, min_bond: AMOUNT_MAX + 1n })])).toBe("amount");
    await world.send([changed({ ...bonded, amount: AMOUNT_MAX, min_bond: AMOUNT_MAX })]);
    expect(tokensAt(world, escrow.vault)).toBe(AMOUNT_MAX);
    expect(tokensAt(world, rich)).toBe(2n ** 60n - AMOUNT_MAX);
  });

  test("takes no more than the client has, and all of it", async () => {
    expect(await world.failureOf([changed({ amount: FUNDS + 1n })])).toBe("amount");
    await world.send([changed({ amount: FUNDS })]);
    expect(tokensAt(world, world.tokens.client)).toBe(0n);
  });

  test("takes the money from an account of the client and of the mint", async () => {
    const source = (address: Address): Instruction => open({ ...escrow.open, source: address });
    const other = await createMint(world, world.minter.address);
    const foreign = await createToken(world, { mint: other, owner: world.client.address, amount: FUNDS });
    expect(await world.failureOf([source(world.tokens.mallory)])).toBe("owner");
    expect(await world.failureOf([source(foreign)])).toBe("mint");
    expect(await world.failureOf([source(world.mallory.address)])).toBe("mint");
    expect(await world.failureOf([source(world.mint)])).toBe("mint");
  });

  test("refuses what is no mint of the classic token program", async () => {
    const forged = await createMint(world, world.minter.address, TOKEN_2022);
    expect(await world.failureOf([open({ ...escrow.open, mint: forged })])).toBe("mint");
    expect(await world.failureOf([open({ ...escrow.open, mint: world.tokens.client })])).toBe("mint");
    expect(await world.failureOf([open({ ...escrow.open, mint: world.mallory.address })])).toBe("mint");
  });

  test("refuses wrapped SOL", async () => {
    const mint = world.svm.getAccount(world.mint);
    if (!mint.exists) throw new Error("there is no mint");
    writeAccount(world, NATIVE_MINT, TOKEN_PROGRAM_ADDRESS, mint.data);
    const place = await placeEscrow(world.programs.program, world.client.address, escrow.id, NATIVE_MINT);
    const native = { ...escrow.open, mint: NATIVE_MINT, vault: place.vault };
    native.data = { ...native.data, amount: 0n };
    expect(await world.failureOf([open(native)])).toBe("mint");
  });

  test("refuses another address, bump or vault", async () => {
    const other = await planEscrow(world, 2);
    expect(await world.failureOf([open({ ...escrow.open, escrow: other.address })])).toBe("address");
    expect(await world.failureOf([changed({ bump: escrow.bump ^ 1 })])).toBe("address");
    expect(await world.failureOf([changed({ id: other.id })])).toBe("address");
    expect(await world.failureOf([open({ ...escrow.open, client: world.mallory })])).toBe("address");
    expect(await world.failureOf([open({ ...escrow.open, vault: other.vault })])).toMatch(
      /^associated token/,
    );
    expect(exists(world, escrow.address)).toBe(false);
  });

  test("wants the programs that it calls, by their names", async () => {
    const { mallory } = world;
    for (const program of ["token", "associated", "system"]) {
      expect(await world.failureOf([open({ ...escrow.open, [program]: mallory.address })])).toBe("program");
    }
  });

  test("wants exactly its accounts and its data", async () => {
    const whole = open(escrow.open);
    expect(await world.failureOf([withoutLastAccount(whole)])).toBe("accounts");
    expect(await world.failureOf([withAccount(whole, world.mallory.address)])).toBe("accounts");
    expect(await world.failureOf([withData(whole, longer)])).toBe("data");
    expect(await world.failureOf([withData(whole, shorter)])).toBe("data");
  });
});
