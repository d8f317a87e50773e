import type { Address, Instruction } from "@solana/kit";
import { AccountState } from "@solana-program/token";
import { beforeEach, describe, expect, test } from "vitest";
import { FEATURES, lamportsOf } from "./chain.ts";
import { open, type Refund, refund, release } from "./instructions.ts";
import { transferLamports } from "./system.ts";
import { createMint, createToken, tokensAt, writeAccount } from "./tokens.ts";
import {
  createWorld,
  DEPOSIT,
  type EscrowAt,
  exists,
  FUNDS,
  HOUR,
  longer,
  makeBond,
  openEscrow,
  planEscrow,
  planRefund,
  planRelease,
  releaseByVoucher,
  sendRefund,
  stateOf,
  type World,
  withAccount,
  withData,
  withoutLastAccount,
} from "./world.ts";

describe.each(FEATURES)("refund, with %s features", (features) => {
  let world: World;
  let escrow: EscrowAt;
  const refunding = (over: Partial<Refund> = {}): Instruction =>
    refund({ ...planRefund(world, escrow), ...over });

  beforeEach(async () => {
    world = await createWorld(features);
    escrow = await openEscrow(world);
  });

  test("after the deadline anybody gives the client everything and the rent payer the rent", async () => {
    const rent = lamportsOf(world, escrow.address) + lamportsOf(world, escrow.vault);
    const before = lamportsOf(world, world.renter.address);
    world.pass(HOUR + 1n);
    const { compute_units } = await world.send([refunding()], world.mallory);
    expect(compute_units).toBeLessThan(30_000n);
    expect(tokensAt(world, world.tokens.client)).toBe(FUNDS);
    expect(lamportsOf(world, world.renter.address)).toBe(before + rent);
    expect(exists(world, escrow.address)).toBe(false);
    expect(exists(world, escrow.vault)).toBe(false);
    expect(await world.failureOf([refunding()])).toBe("owner");
  });

  test("gives back what came in by any way, and what no release has taken", async () => {
    const plan = planRelease(world, escrow, [{ who: 1, amount: 40n }], { fee: 0n });
    await world.send([release(plan)]);
    await createToken(world, { mint: world.mint, owner: escrow.address, amount: DEPOSIT + 9n });
    world.pass(HOUR + 1n);
    await world.send([refunding()]);
    expect(tokensAt(world, world.tokens.client)).toBe(FUNDS + 9n);
  });

  test("gives back nothing from an empty vault, and closes it", async () => {
    const empty = await openEscrow(world, { id: 2, amount: 0n });
    world.pass(HOUR + 1n);
    await sendRefund(world, empty);
    expect(exists(world, empty.vault)).toBe(false);
  });

  test("until the deadline, itself included, it needs the aggregator's signature", async () => {
    expect(await world.failureOf([refunding()])).toBe("early");
    world.pass(HOUR);
    expect(await world.failureOf([refunding()])).toBe("early");
    expect(await world.failureOf([refunding({ client: world.client })])).toBe("early");
    expect(await world.failureOf([refunding({ aggregator: world.mallory })])).toBe("authority");
    await world.send([refunding({ aggregator: world.aggregator })]);
    expect(tokensAt(world, world.tokens.client)).toBe(FUNDS);
  });

  test("is not in the slot of the opening, so that no two escrows of an address share one", async () => {
    const early = refunding({ aggregator: world.aggregator });
    expect(await world.failureOf([early])).toBe("early");
    world.pass(0n);
    await world.send([early]);
  });

  test("an escrow that is opened again does not know the vouchers of the one before", async () => {
    const { opened_slot } = stateOf(world, escrow);
    const before = planRelease(world, escrow, [{ who: 0, amount: 10n }]);
    await world.send(await releaseByVoucher(world, before, DEPOSIT));
    expect(stateOf(world, escrow).allowed).toBe(DEPOSIT);
    world.pass(0n);
    await world.send([refunding({ aggregator: world.aggregator })]);
    await world.send([open(escrow.open)]);
    expect(stateOf(world, escrow).opened_slot).toBeGreaterThan(opened_slot);
    expect(stateOf(world, escrow).allowed).toBe(0n);
    const plan = planRelease(world, escrow, [{ who: 0, amount: 10n }]);
    const old = await releaseByVoucher(world, plan, DEPOSIT, { slot: opened_slot });
    expect(await world.failureOf(old)).toBe("voucher");
    expect(await world.failureOf(old.slice(1))).toBe("voucher");
    await world.send(await releaseByVoucher(world, plan, DEPOSIT));
  });

  test("leaves nothing behind that would block the address, whoever sends lamports there", async () => {
    world.pass(HOUR + 1n);
    const { mallory } = world;
    const keepAlive = transferLamports(mallory, escrow.address, 5_000_000n);
    await world.send([refunding(), keepAlive]);
    const account = world.svm.getAccount(escrow.address);
    expect(account).toMatchObject({ programAddress: world.programs.system, space: 0n });
    const again = { ...escrow.open, data: { ...escrow.open.data, deadline: world.now() + HOUR } };
    await world.send([open(again)]);
    expect(stateOf(world, escrow).deadline).toBe(again.data.deadline);
  });

  test("pays an account of the client's that takes it, and nobody else's", async () => {
    world.pass(HOUR + 1n);
    const { client, mallory, mint } = world;
    const other = await createMint(world, world.minter.address);
    const foreign = await createToken(world, { mint: other, owner: client.address });
    const second = await createToken(world, { mint, owner: client.address, address: mallory.address });
    expect(await world.failureOf([refunding({ client_token: world.tokens.alice })])).toBe("owner");
    expect(await world.failureOf([refunding({ client_token: escrow.vault })])).toBe("owner");
    expect(await world.failureOf([refunding({ client_token: foreign })])).toBe("mint");
    expect(await world.failureOf([refunding({ client_token: world.client.address })])).toBe("mint");
    await createToken(world, { mint, owner: client.address, state: AccountState.Frozen });
    expect(await world.failureOf([refunding()])).toBe("mint");
    await world.send([refunding({ client_token: second })]);
    expect(tokensAt(world, second)).toBe(DEPOSIT);
  });

  test("wants the client, the rent payer and the aggregator that were written down", async () => {
    world.pass(HOUR + 1n);
    const { address } = world.mallory;
    const { mallory } = world.tokens;
    expect(await world.failureOf([refunding({ client: address, client_token: mallory })])).toBe("authority");
    expect(await world.failureOf([refunding({ rent_payer: address })])).toBe("authority");
    expect(await world.failureOf([refunding({ aggregator: address })])).toBe("authority");
  });

  test("empties the vault only, not another account of the escrow's", async () => {
    world.pass(HOUR + 1n);
    const second = await openEscrow(world, { id: 2, deadline: world.now() + HOUR });
    expect(await world.failureOf([refunding({ vault: second.vault })])).toBe("address");
    const address = world.mallory.address;
    const beside = await createToken(world, { mint: world.mint, owner: escrow.address, address });
    expect(await world.failureOf([refunding({ vault: beside })])).toBe("address");
  });

  test("wants an escrow, of this program and of its size", async () => {
    world.pass(HOUR + 1n);
    const { program, token } = world.programs;
    const real = world.svm.getAccount(escrow.address);
    if (!real.exists) throw new Error("there is no escrow");
    const forged = async (owner: Address, data: Uint8Array): Promise<string> => {
      const { address } = world.mallory;
      writeAccount(world, address, owner, data);
      const vault = await createToken(world, { mint: world.mint, owner: address });
      return world.failureOf([refunding({ escrow: address, vault })]);
    };
    const data = Uint8Array.from(real.data);
    expect(await forged(token, data)).toBe("owner");
    expect(await forged(program, longer(data))).toBe("state");
    expect(await forged(program, data.with(0, 2))).toBe("state");
    expect(await forged(program, new Uint8Array(0))).toBe("state");
    const bond = await makeBond(world, "alice", 10n);
    expect(await world.failureOf([refunding({ escrow: bond.address })])).toBe("state");
    const none = await planEscrow(world, 3);
    expect(await world.failureOf([refunding({ escrow: none.address })])).toBe("owner");
  });

  test("wants the token program, and exactly its accounts and its data", async () => {
    world.pass(HOUR + 1n);
    expect(await world.failureOf([refunding({ token: world.mallory.address })])).toBe("program");
    expect(await world.failureOf([withoutLastAccount(refunding())])).toBe("accounts");
    expect(await world.failureOf([withAccount(refunding(), world.mallory.address)])).toBe("accounts");
    expect(await world.failureOf([withData(refunding(), longer)])).toBe("data");
  });
});
