import type { Address, Instruction } from "@solana/kit";
import { beforeEach, describe, expect, test } from "vitest";
import { COOLDOWN_SECONDS } from "../layout.ts";
import { FEATURES, START } from "./chain.ts";
import { keyOf } from "./evidence.ts";
import { bondDeposit, bondExitRequest, type Release, release } from "./instructions.ts";
import { createMint, createToken, tokensAt, writeAccount } from "./tokens.ts";
import {
  type BondAt,
  createWorld,
  DAY,
  type EscrowAt,
  FUNDS,
  longer,
  makeBond,
  openEscrow,
  planBond,
  planRelease,
  stateOf,
  type World,
  withAccount,
  withData,
  withoutLastAccount,
} from "./world.ts";

const MIN_BOND = 1_000n;

describe.each(FEATURES)("release to bonded payees, with %s features", (features) => {
  let world: World;
  let escrow: EscrowAt;
  let bond: BondAt;
  const paying = (payees: readonly Address[], over: Partial<Release["data"]> = {}): Instruction =>
    release({
      ...planRelease(world, escrow, []),
      payees,
      data: {
        releases: 0,
        fee: 0n,
        depth: 0,
        payees: Array.from({ length: payees.length / 2 }, () => ({ amount: 98n })),
        ...over,
      },
    });

  beforeEach(async () => {
    world = await createWorld(features);
    const rule = { payee_rule: 2, payees: new Uint8Array(32), min_bond: MIN_BOND } as const;
    escrow = await openEscrow(world, { ...rule, deadline: START + 30n * DAY });
    bond = await makeBond(world, "alice", MIN_BOND);
  });

  test("whoever has a bond is paid", async () => {
    const bobs = await makeBond(world, "bob", 5_000n);
    const { alice, bob } = world.tokens;
    const { compute_units } = await world.send([
      paying([alice, bond.address, bob, bobs.address], { fee: 4n }),
    ]);
    expect(compute_units).toBeLessThan(40_000n);
    expect(tokensAt(world, alice)).toBe(FUNDS - MIN_BOND + 98n);
    expect(tokensAt(world, bob)).toBe(FUNDS - 5_000n + 98n);
    expect(tokensAt(world, world.tokens.aggregator)).toBe(4n);
    expect(stateOf(world, escrow)).toMatchObject({ paid: 200n, last_paid: 0b11 });
  });

  test("twelve of them fit a release", async () => {
    const pairs = Array.from({ length: 12 }, () => [world.tokens.alice, bond.address]).flat();
    const { compute_units } = await world.send([paying(pairs)]);
    expect(compute_units).toBeLessThan(60_000n);
    const more = [...pairs, world.tokens.alice, bond.address];
    expect(await world.failureOf([paying(more)])).toBe("accounts");
  });

  test("a bond is as large as the escrow wants", async () => {
    const small = await makeBond(world, "bob", MIN_BOND - 1n);
    expect(await world.failureOf([paying([world.tokens.bob, small.address])])).toBe("payee");
    await world.send([bondDeposit({ ...small.deposit, data: { ...small.deposit.data, amount: 1n } })]);
    await world.send([paying([world.tokens.bob, small.address])]);
  });

  test("what was sent to a bond's vault past the program is no bond", async () => {
    const small = await makeBond(world, "bob", 1n);
    await createToken(world, { mint: world.mint, owner: small.address, amount: MIN_BOND });
    expect(await world.failureOf([paying([world.tokens.bob, small.address])])).toBe("payee");
  });

  test("a bond is of the escrow's mint", async () => {
    const mint = await createMint(world, world.minter.address);
    const source = await createToken(world, { mint, owner: world.bob.address, amount: FUNDS });
    const foreign = await planBond(
      { ...world, mint, tokens: { ...world.tokens, bob: source } },
      "bob",
      MIN_BOND,
    );
    await world.send([bondDeposit(foreign.deposit)]);
    expect(await world.failureOf([paying([world.tokens.bob, foreign.address])])).toBe("payee");
  });

  test("a bond that is leaving counts until it may leave", async () => {
    await world.send([bondExitRequest({ ...world.programs, provider: world.alice, bond: bond.address })]);
    world.pass(COOLDOWN_SECONDS);
    await world.send([paying([world.tokens.alice, bond.address])]);
    world.pass(1n);
    const next = paying([world.tokens.alice, bond.address], { releases: 1 });
    expect(await world.failureOf([next])).toBe("payee");
    await world.send([bondDeposit(bond.deposit)]);
    await world.send([next]);
  });

  test("the money goes to the bond's payout and to nobody else", async () => {
    const { bob, alice } = world.tokens;
    expect(await world.failureOf([paying([bob, bond.address])])).toBe("payee");
    const payout = keyOf(world.bob.address);
    const moved = { ...bond.deposit, data: { ...bond.deposit.data, payout } };
    await world.send([bondDeposit(moved)]);
    expect(await world.failureOf([paying([alice, bond.address])])).toBe("payee");
    await world.send([paying([bob, bond.address])]);
    expect(tokensAt(world, bob)).toBe(FUNDS + 98n);
  });

  test("the vault is no payee, even where a bond says so", async () => {
    const payout = keyOf(escrow.address);
    await world.send([bondDeposit({ ...bond.deposit, data: { ...bond.deposit.data, payout } })]);
    expect(await world.failureOf([paying([escrow.vault, bond.address])])).toBe("payee");
  });

  test("a bond is an account of this program, and a bond", async () => {
    const { alice } = world.tokens;
    const account = world.svm.getAccount(bond.address);
    if (!account.exists) throw new Error("there is no bond");
    const data = Uint8Array.from(account.data);
    const forge = (owner: Address, bytes: Uint8Array): Instruction => {
      writeAccount(world, world.mallory.address, owner, bytes);
      return paying([alice, world.mallory.address]);
    };
    const { program, token } = world.programs;
    expect(await world.failureOf([forge(token, data)])).toBe("owner");
    expect(await world.failureOf([forge(program, longer(data))])).toBe("state");
    expect(await world.failureOf([forge(program, data.with(0, 1))])).toBe("state");
    expect(await world.failureOf([paying([alice, escrow.address])])).toBe("state");
    expect(await world.failureOf([paying([alice, world.bob.address])])).toBe("owner");
  });

  test("whoever cannot be paid is passed over, and the others get their own", async () => {
    const bobs = await makeBond(world, "bob", 5_000n);
    const { alice, bob } = world.tokens;
    await world.send([
      paying([world.bob.address, bobs.address, alice, bond.address, bob, bobs.address], { fee: 6n }),
    ]);
    expect(stateOf(world, escrow)).toMatchObject({ paid: 200n, last_paid: 0b110 });
    expect(tokensAt(world, alice)).toBe(FUNDS - MIN_BOND + 98n);
  });

  test("each payee is two accounts and eight bytes", async () => {
    const whole = paying([world.tokens.alice, bond.address]);
    expect(await world.failureOf([withoutLastAccount(whole)])).toBe("accounts");
    expect(await world.failureOf([withAccount(whole, bond.address)])).toBe("accounts");
    expect(await world.failureOf([withData(whole, longer)])).toBe("data");
    const deep = paying([world.tokens.alice, bond.address], { depth: 1 });
    expect(await world.failureOf([deep])).toBe("data");
    const proof = { index: 0, path: [] };
    const proven = paying([world.tokens.alice, bond.address], { payees: [{ amount: 98n, proof }] });
    expect(await world.failureOf([proven])).toBe("data");
  });
});
