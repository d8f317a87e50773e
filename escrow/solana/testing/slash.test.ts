import type { Address, Instruction } from "@solana/kit";
import { beforeEach, describe, expect, test } from "vitest";
import { COOLDOWN_SECONDS, commitmentMessage, encodeEd25519, type SignedMessage } from "../layout.ts";
import { FEATURES, lamportsOf } from "./chain.ts";
import { checkSignatures, signCommitment, signMessage } from "./evidence.ts";
import { bondDeposit, bondExitRequest, type Slash, slash } from "./instructions.ts";
import { transferLamports } from "./system.ts";
import { createMint, createToken, supplyOf, tokensAt, writeAccount } from "./tokens.ts";
import {
  type BondAt,
  bondOf,
  createWorld,
  exists,
  FUNDS,
  longer,
  makeBond,
  openEscrow,
  planBond,
  type World,
  withAccount,
  withData,
  withoutLastAccount,
} from "./world.ts";
import { createYesProgram } from "./yes-program.ts";

describe.each(FEATURES)("slash, with %s features", (features) => {
  let world: World;
  let bond: BondAt;
  let one: SignedMessage;
  let two: SignedMessage;
  let evidence: Instruction;
  const slashing = (over: Partial<Slash> = {}): Instruction =>
    slash({
      ...world.programs,
      bond: bond.address,
      vault: bond.vault,
      mint: world.mint,
      reporter_token: world.tokens.mallory,
      rent_payer: world.renter.address,
      ...over,
    });

  beforeEach(async () => {
    world = await createWorld(features);
    bond = await makeBond(world, "alice", 1_001n);
    one = await signCommitment(world.alice, 7, 1);
    two = await signCommitment(world.alice, 7, 2);
    evidence = checkSignatures(one, two);
  });

  test("gives half to the reporter, burns the other, and closes the bond", async () => {
    const supply = supplyOf(world, world.mint);
    const before = lamportsOf(world, world.renter.address);
    const rent = lamportsOf(world, bond.address) + lamportsOf(world, bond.vault);
    const { compute_units } = await world.send([evidence, slashing()], world.mallory);
    expect(compute_units).toBeLessThan(40_000n);
    expect(tokensAt(world, world.tokens.mallory)).toBe(FUNDS + 500n);
    expect(supplyOf(world, world.mint)).toBe(supply - 501n);
    expect(lamportsOf(world, world.renter.address)).toBe(before + rent);
    expect(exists(world, bond.address)).toBe(false);
    expect(exists(world, bond.vault)).toBe(false);
    expect(await world.failureOf([evidence, slashing()])).toBe("owner");
  });

  test("reaches a bond that is leaving, until it has left", async () => {
    await world.send([bondExitRequest({ ...world.programs, provider: world.alice, bond: bond.address })]);
    world.pass(COOLDOWN_SECONDS + 1n);
    await world.send([evidence, slashing()]);
    expect(exists(world, bond.address)).toBe(false);
  });

  test("the same two statements slash a bond that is made again with the key", async () => {
    await world.send([evidence, slashing()]);
    await world.send([bondDeposit(bond.deposit)]);
    await world.send([evidence, slashing()]);
    expect(tokensAt(world, world.tokens.mallory)).toBe(FUNDS + 1_000n);
  });

  test("takes what came into the vault by any way", async () => {
    await createToken(world, { mint: world.mint, owner: bond.address, amount: 2_000n });
    await world.send([evidence, slashing()]);
    expect(tokensAt(world, world.tokens.mallory)).toBe(FUNDS + 1_000n);
  });

  test("leaves nothing behind that would block the address", async () => {
    const keepAlive = transferLamports(world.mallory, bond.address, 5_000_000n);
    await world.send([evidence, slashing(), keepAlive]);
    await world.send([bondDeposit(bond.deposit)]);
    expect(bondOf(world, bond).amount).toBe(1_001n);
  });

  test("wants one context and two roots", async () => {
    const other = await signCommitment(world.alice, 8, 2);
    expect(await world.failureOf([checkSignatures(one, one), slashing()])).toBe("evidence");
    expect(await world.failureOf([checkSignatures(one, other), slashing()])).toBe("evidence");
    const context = new Uint8Array(32).fill(7);
    const root = new Uint8Array(32).fill(1);
    for (const at of [0, 8, 16, 31]) {
      const near = await signMessage(world.alice, commitmentMessage(context.with(at, 6), root.with(0, 9)));
      expect(await world.failureOf([checkSignatures(one, near), slashing()])).toBe("evidence");
    }
  });

  test.each([0, 8, 16, 31])("two roots that differ in byte %d are two", async (at) => {
    const context = new Uint8Array(32).fill(7);
    const root = new Uint8Array(32).fill(1).with(at, 0);
    const near = await signMessage(world.alice, commitmentMessage(context, root));
    await world.send([checkSignatures(one, near), slashing()]);
  });

  test("both are signed by the provider", async () => {
    const strange = await signCommitment(world.mallory, 7, 2);
    expect(await world.failureOf([checkSignatures(one, strange), slashing()])).toBe("evidence");
    expect(await world.failureOf([checkSignatures(strange, one), slashing()])).toBe("evidence");
    const bobs = await makeBond(world, "bob", 10n);
    const wrong = { bond: bobs.address, vault: bobs.vault };
    expect(await world.failureOf([evidence, slashing(wrong)])).toBe("evidence");
  });

  test("exactly two are shown", async () => {
    const three = await signCommitment(world.alice, 7, 3);
    expect(await world.failureOf([checkSignatures(one), slashing()])).toBe("evidence");
    expect(await world.failureOf([checkSignatures(one, two, three), slashing()])).toBe("evidence");
    expect(await world.failureOf([checkSignatures(two), checkSignatures(one), slashing()])).toBe("evidence");
  });

  test("both begin with the name of a commitment and have its length", async () => {
    for (const at of [0, 7, 8, 15]) {
      const renamed = two.message.with(at, (two.message[at] as number) ^ 1);
      const signed = await signMessage(world.alice, Uint8Array.from(renamed));
      expect(await world.failureOf([checkSignatures(one, signed), slashing()])).toBe("evidence");
      expect(await world.failureOf([checkSignatures(signed, one), slashing()])).toBe("evidence");
    }
    const long = await signMessage(world.alice, Uint8Array.from([...two.message, 0]));
    expect(await world.failureOf([checkSignatures(one, long), slashing()])).toBe("evidence");
  });

  test("they stand in the instruction just before", async () => {
    const between = bondExitRequest({ ...world.programs, provider: world.alice, bond: bond.address });
    expect(await world.failureOf([slashing()])).toBe("evidence");
    expect(await world.failureOf([slashing(), evidence])).toBe("evidence");
    expect(await world.failureOf([evidence, between, slashing()])).toBe("evidence");
    await world.send([between, evidence, slashing()]);
  });

  test("the precompile has checked them, in that instruction alone", async () => {
    const forged = checkSignatures(one, { ...two, signature: one.signature });
    expect(await world.failureOf([forged, slashing()])).not.toBe("evidence");
    const data = encodeEd25519([one, two]);
    for (const signature of [0, 1]) {
      for (const field of [2, 6, 12]) {
        const at = 2 + 14 * signature + field;
        const pointing = { ...evidence, data: data.with(at, 0).with(at + 1, 0) };
        expect(await world.failureOf([evidence, pointing, slashing()])).toBe("evidence");
      }
    }
    expect(exists(world, bond.address)).toBe(true);
  });

  test("no other program has checked them, whatever it says", async () => {
    const forged = checkSignatures({ ...one, signature: new Uint8Array(64) }, two);
    const checked = { ...forged, programAddress: await createYesProgram(world) };
    expect(await world.failureOf([checked, slashing()])).toBe("evidence");
  });

  test("pays an account that takes it, and not the vault itself", async () => {
    const other = await createMint(world, world.minter.address);
    const foreign = await createToken(world, { mint: other, owner: world.mallory.address });
    const paying = (reporter_token: Address): Instruction => slashing({ reporter_token });
    expect(await world.failureOf([evidence, paying(foreign)])).toBe("mint");
    expect(await world.failureOf([evidence, paying(world.mallory.address)])).toBe("mint");
    expect(await world.failureOf([evidence, paying(bond.vault)])).toBe("accounts");
  });

  test("wants the bond, its vault, its mint and its rent payer", async () => {
    const bobs = await planBond(world, "bob", 10n);
    const escrow = await openEscrow(world);
    const mint = await createMint(world, world.minter.address);
    const wrong = (over: Partial<Slash>): Promise<string> => world.failureOf([evidence, slashing(over)]);
    expect(await wrong({ bond: bobs.address })).toBe("owner");
    expect(await wrong({ bond: escrow.address, vault: escrow.vault })).toBe("state");
    expect(await wrong({ vault: escrow.vault })).toBe("address");
    expect(await wrong({ mint })).toBe("mint");
    expect(await wrong({ rent_payer: world.mallory.address })).toBe("authority");
    const account = world.svm.getAccount(bond.address);
    if (!account.exists) throw new Error("there is no bond");
    const { address } = world.mallory;
    writeAccount(world, address, world.programs.token, account.data);
    const vault = await createToken(world, { mint: world.mint, owner: address, amount: 8n });
    expect(await wrong({ bond: address, vault })).toBe("owner");
  });

  test("wants the token program and the sysvar of instructions", async () => {
    const { address } = world.mallory;
    expect(await world.failureOf([evidence, slashing({ token: address })])).toBe("program");
    expect(await world.failureOf([evidence, slashing({ sysvar: address })])).toBe("program");
  });

  test("wants exactly its accounts and its data", async () => {
    const { bob } = world;
    expect(await world.failureOf([evidence, withoutLastAccount(slashing())])).toBe("accounts");
    expect(await world.failureOf([evidence, withAccount(slashing(), bob.address)])).toBe("accounts");
    expect(await world.failureOf([evidence, withData(slashing(), longer)])).toBe("data");
  });
});
