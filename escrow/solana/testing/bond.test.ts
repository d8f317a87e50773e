import { type Address, type Instruction, lamports } from "@solana/kit";
import { AccountState, TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { beforeEach, describe, expect, test } from "vitest";
import { AMOUNT_MAX, COOLDOWN_SECONDS } from "../layout.ts";
import { FEATURES, lamportsOf, START } from "./chain.ts";
import { keyOf } from "./evidence.ts";
import {
  type BondDeposit,
  type BondExit,
  bondDeposit,
  bondExit,
  bondExitRequest,
  placeBond,
} from "./instructions.ts";
import { createMint, createToken, tokensAt, writeAccount } from "./tokens.ts";
import {
  type BondAt,
  bondOf,
  createWorld,
  DAY,
  exists,
  FUNDS,
  longer,
  makeBond,
  openEscrow,
  planBond,
  shorter,
  type World,
  withAccount,
  withData,
  withoutLastAccount,
} from "./world.ts";

const NATIVE_MINT = "So11111111111111111111111111111111111111112" as Address;

describe.each(FEATURES)("a bond, with %s features", (features) => {
  let world: World;
  let bond: BondAt;
  const depositing = (
    over: Partial<BondDeposit> = {},
    data: Partial<BondDeposit["data"]> = {},
  ): Instruction => bondDeposit({ ...bond.deposit, ...over, data: { ...bond.deposit.data, ...data } });
  const requesting = (over: Partial<Parameters<typeof bondExitRequest>[0]> = {}): Instruction =>
    bondExitRequest({ ...world.programs, provider: world.alice, bond: bond.address, ...over });
  const leaving = (over: Partial<BondExit> = {}): Instruction =>
    bondExit({
      ...world.programs,
      provider: world.alice,
      bond: bond.address,
      vault: bond.vault,
      destination: world.tokens.alice,
      rent_payer: world.renter.address,
      ...over,
    });

  beforeEach(async () => {
    world = await createWorld(features);
    bond = await planBond(world, "alice", 500n);
  });

  describe("deposit", () => {
    test("the first makes the bond", async () => {
      const before = lamportsOf(world, world.renter.address);
      const { compute_units } = await world.send([depositing()]);
      expect(compute_units).toBeLessThan(60_000n);
      expect(tokensAt(world, bond.vault)).toBe(500n);
      expect(bondOf(world, bond)).toEqual({
        bump: bond.bump,
        amount: 500n,
        unlock: 0n,
        provider: keyOf(world.alice.address),
        mint: keyOf(world.mint),
        payout: keyOf(world.alice.address),
        rent_payer: keyOf(world.renter.address),
      });
      const rent = lamportsOf(world, bond.address) + lamportsOf(world, bond.vault);
      expect(lamportsOf(world, world.renter.address)).toBe(before - rent);
    });

    test("others add to it, set the payout anew, and keep who paid the rent", async () => {
      await world.send([depositing()]);
      const payout = keyOf(world.bob.address);
      await world.send([depositing({ rent_payer: world.mallory }, { amount: 7n, payout })]);
      expect(bondOf(world, bond)).toMatchObject({ amount: 507n, payout });
      expect(bondOf(world, bond).rent_payer).toEqual(keyOf(world.renter.address));
      expect(tokensAt(world, bond.vault)).toBe(507n);
    });

    test("takes back the wish to leave", async () => {
      await world.send([depositing()]);
      await world.send([requesting()]);
      await world.send([depositing({}, { amount: 1n })]);
      expect(bondOf(world, bond).unlock).toBe(0n);
      world.pass(COOLDOWN_SECONDS + 1n);
      expect(await world.failureOf([leaving()])).toBe("early");
    });

    test("anybody may pay for a provider who signs", async () => {
      const { mallory, tokens } = world;
      await world.send([depositing({ source: tokens.mallory, source_owner: mallory })]);
      expect(tokensAt(world, tokens.mallory)).toBe(FUNDS - 500n);
      expect(bondOf(world, bond).provider).toEqual(keyOf(world.alice.address));
    });

    test("needs the signatures of the provider, the rent payer and the source's owner", async () => {
      const { alice, renter, mallory, tokens } = world;
      const paid = { source: tokens.mallory, source_owner: mallory.address };
      expect(await world.failureOf([depositing({ rent_payer: renter.address })])).toBe("signer");
      expect(await world.failureOf([depositing(paid)])).toBe("signer");
      const unsigned = { source: tokens.mallory, source_owner: mallory, provider: alice.address };
      expect(await world.failureOf([depositing(unsigned)])).toBe("signer");
      await world.send([depositing()]);
      expect(await world.failureOf([depositing(unsigned)])).toBe("signer");
    });

    test("takes the money from the source's owner, in the bond's mint", async () => {
      const other = await createMint(world, world.minter.address);
      const foreign = await createToken(world, { mint: other, owner: world.alice.address, amount: FUNDS });
      expect(await world.failureOf([depositing({ source: world.tokens.bob })])).toBe("owner");
      expect(await world.failureOf([depositing({ source: foreign })])).toBe("mint");
      expect(await world.failureOf([depositing({}, { amount: FUNDS + 1n })])).toBe("amount");
      await world.send([depositing({}, { amount: FUNDS })]);
    });

    test("is of something, and comes to 2^53 - 1 at most", async () => {
      await createToken(world, { mint: world.mint, owner: world.alice.address, amount: 2n ** 60n });
      expect(await world.failureOf([depositing({}, { amount: 0n })])).toBe("amount");
      expect(await world.failureOf([depositing({}, { amount: AMOUNT_MAX + 1n })])).toBe("amount");
      await world.send([depositing({}, { amount: AMOUNT_MAX - 1n })]);
      expect(await world.failureOf([depositing({}, { amount: 2n })])).toBe("amount");
      await world.send([depositing({}, { amount: 1n })]);
      expect(bondOf(world, bond).amount).toBe(AMOUNT_MAX);
    });

    test("succeeds at addresses that were paid into before", async () => {
      world.svm.airdrop(bond.address, lamports(1_000_000n));
      await createToken(world, { mint: world.mint, owner: bond.address, amount: 3n });
      await world.send([depositing()]);
      expect(bondOf(world, bond).amount).toBe(500n);
      expect(tokensAt(world, bond.vault)).toBe(503n);
    });

    test("refuses mints that cannot be burned, or are none", async () => {
      const mint = world.svm.getAccount(world.mint);
      if (!mint.exists) throw new Error("there is no mint");
      writeAccount(world, NATIVE_MINT, TOKEN_PROGRAM_ADDRESS, mint.data);
      const { address, vault } = await placeBond(world.programs.program, world.alice.address, NATIVE_MINT);
      const native = { bond: address, vault, mint: NATIVE_MINT };
      expect(await world.failureOf([depositing(native)])).toBe("mint");
      expect(await world.failureOf([depositing({ mint: world.tokens.alice })])).toBe("mint");
    });

    test("refuses another address, bump or vault", async () => {
      const bobs = await planBond(world, "bob", 5n);
      expect(await world.failureOf([depositing({ bond: bobs.address })])).toBe("address");
      expect(await world.failureOf([depositing({}, { bump: bond.bump ^ 1 })])).toBe("address");
      expect(await world.failureOf([depositing({ vault: bobs.vault })])).toMatch(/^associated token/);
      await world.send([depositing()]);
      expect(await world.failureOf([depositing({ vault: bobs.vault })])).toMatch(/^associated token/);
      expect(await world.failureOf([depositing({ provider: world.bob })])).toBe("address");
    });

    test("wants the programs that it calls, by their names", async () => {
      for (const program of ["token", "associated", "system"]) {
        const { address } = world.mallory;
        expect(await world.failureOf([depositing({ [program]: address })])).toBe("program");
      }
    });

    test("wants exactly its accounts and its data", async () => {
      expect(await world.failureOf([withoutLastAccount(depositing())])).toBe("accounts");
      expect(await world.failureOf([withAccount(depositing(), world.bob.address)])).toBe("accounts");
      expect(await world.failureOf([withData(depositing(), longer)])).toBe("data");
      expect(await world.failureOf([withData(depositing(), shorter)])).toBe("data");
    });
  });

  describe("exit request", () => {
    beforeEach(async () => {
      await world.send([depositing()]);
    });

    test("starts seven days, once", async () => {
      const { compute_units } = await world.send([requesting()]);
      expect(compute_units).toBeLessThan(10_000n);
      expect(bondOf(world, bond).unlock).toBe(START + 7n * DAY);
      world.pass(DAY);
      await world.send([requesting()]);
      expect(bondOf(world, bond).unlock).toBe(START + 7n * DAY);
    });

    test("is the provider's to make", async () => {
      const { alice, mallory } = world;
      expect(await world.failureOf([requesting({ provider: alice.address })])).toBe("signer");
      expect(await world.failureOf([requesting({ provider: mallory })])).toBe("authority");
    });

    test("wants a bond, and exactly its accounts and its data", async () => {
      const escrow = await openEscrow(world);
      expect(await world.failureOf([requesting({ bond: escrow.address })])).toBe("state");
      expect(await world.failureOf([requesting({ bond: world.tokens.alice })])).toBe("owner");
      expect(await world.failureOf([withoutLastAccount(requesting())])).toBe("accounts");
      expect(await world.failureOf([withAccount(requesting(), world.bob.address)])).toBe("accounts");
      expect(await world.failureOf([withData(requesting(), longer)])).toBe("data");
    });
  });

  describe("exit", () => {
    let rent: bigint;

    beforeEach(async () => {
      await world.send([depositing()]);
      rent = lamportsOf(world, bond.address) + lamportsOf(world, bond.vault);
      await world.send([requesting()]);
    });

    test("after seven days pays everything out and closes the bond", async () => {
      await createToken(world, { mint: world.mint, owner: bond.address, amount: 502n });
      const before = lamportsOf(world, world.renter.address);
      world.pass(COOLDOWN_SECONDS + 1n);
      const { compute_units } = await world.send([leaving({ destination: world.tokens.bob })]);
      expect(compute_units).toBeLessThan(30_000n);
      expect(tokensAt(world, world.tokens.bob)).toBe(FUNDS + 502n);
      expect(lamportsOf(world, world.renter.address)).toBe(before + rent);
      expect(exists(world, bond.address)).toBe(false);
      expect(exists(world, bond.vault)).toBe(false);
      await world.send([depositing()]);
      expect(bondOf(world, bond).amount).toBe(500n);
    });

    test("not a second sooner, and not without a request", async () => {
      world.pass(COOLDOWN_SECONDS);
      expect(await world.failureOf([leaving()])).toBe("early");
      const bobs = await makeBond(world, "bob", 5n);
      const unasked = { provider: world.bob, bond: bobs.address, vault: bobs.vault };
      expect(await world.failureOf([leaving(unasked)])).toBe("early");
    });

    test("is the provider's to make", async () => {
      world.pass(COOLDOWN_SECONDS + 1n);
      const { alice, mallory } = world;
      expect(await world.failureOf([leaving({ provider: alice.address })])).toBe("signer");
      expect(await world.failureOf([leaving({ provider: mallory })])).toBe("authority");
      expect(await world.failureOf([leaving({ rent_payer: alice.address })])).toBe("authority");
    });

    test("pays an account that takes it, and not the vault itself", async () => {
      world.pass(COOLDOWN_SECONDS + 1n);
      const { alice, mint, carol } = world;
      expect(await world.failureOf([leaving({ destination: alice.address })])).toBe("mint");
      expect(await world.failureOf([leaving({ destination: bond.vault })])).toBe("accounts");
      await createToken(world, { mint, owner: carol.address, state: AccountState.Frozen });
      expect(await world.failureOf([leaving({ destination: world.tokens.carol })])).toBe("mint");
    });

    test("empties the bond's vault only", async () => {
      const bobs = await makeBond(world, "bob", 5n);
      world.pass(COOLDOWN_SECONDS + 1n);
      expect(await world.failureOf([leaving({ vault: bobs.vault })])).toBe("address");
    });

    test("wants a bond", async () => {
      world.pass(COOLDOWN_SECONDS + 1n);
      const escrow = await openEscrow(world, { deadline: world.now() + DAY });
      const wrong = { bond: escrow.address, vault: escrow.vault };
      expect(await world.failureOf([leaving(wrong)])).toBe("state");
      expect(await world.failureOf([leaving({ bond: world.tokens.alice })])).toBe("owner");
    });

    test("wants the token program, and exactly its accounts and its data", async () => {
      world.pass(COOLDOWN_SECONDS + 1n);
      expect(await world.failureOf([leaving({ token: world.mallory.address })])).toBe("program");
      expect(await world.failureOf([withoutLastAccount(leaving())])).toBe("accounts");
      expect(await world.failureOf([withAccount(leaving(), world.bob.address)])).toBe("accounts");
      expect(await world.failureOf([withData(leaving(), longer)])).toBe("data");
    });
  });
});
