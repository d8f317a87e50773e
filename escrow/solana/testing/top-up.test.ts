import type { Instruction } from "@solana/kit";
import { beforeEach, describe, expect, test } from "vitest";
import { AMOUNT_MAX } from "../layout.ts";
import { FEATURES, START } from "./chain.ts";
import { type TopUp, topUp } from "./instructions.ts";
import { createMint, createToken, tokensAt } from "./tokens.ts";
import {
  createWorld,
  DAY,
  DEPOSIT,
  type EscrowAt,
  FUNDS,
  HOUR,
  longer,
  makeBond,
  openEscrow,
  planEscrow,
  shorter,
  stateOf,
  type World,
  withAccount,
  withData,
  withoutLastAccount,
} from "./world.ts";

describe.each(FEATURES)("top up, with %s features", (features) => {
  let world: World;
  let escrow: EscrowAt;

  beforeEach(async () => {
    world = await createWorld(features);
    escrow = await openEscrow(world);
  });

  /** Mallory pays in, of all people: anybody may. */
  const topping = (over: Partial<TopUp> = {}, amount = 5n, deadline = 0n): Instruction =>
    topUp({
      ...world.programs,
      funder: world.mallory,
      client: world.client.address,
      escrow: escrow.address,
      vault: escrow.vault,
      source: world.tokens.mallory,
      data: { amount, deadline },
      ...over,
    });

  test("anybody pays in, and the deadline stays", async () => {
    const { compute_units } = await world.send([topping()]);
    expect(compute_units).toBeLessThan(30_000n);
    expect(tokensAt(world, escrow.vault)).toBe(DEPOSIT + 5n);
    expect(tokensAt(world, world.tokens.mallory)).toBe(FUNDS - 5n);
    expect(stateOf(world, escrow).deadline).toBe(START + HOUR);
  });

  test("the client moves the deadline on, without paying", async () => {
    const client = { client: world.client };
    await world.send([topping(client, 0n, START + HOUR + 1n)]);
    expect(stateOf(world, escrow).deadline).toBe(START + HOUR + 1n);
    await world.send([topping(client, 3n, START + 90n * DAY)]);
    expect(stateOf(world, escrow).deadline).toBe(START + 90n * DAY);
    expect(tokensAt(world, escrow.vault)).toBe(DEPOSIT + 3n);
  });

  test("nobody but the client moves the deadline", async () => {
    const { mallory, client } = world;
    const later = START + 2n * HOUR;
    expect(await world.failureOf([topping({}, 0n, later)])).toBe("signer");
    expect(await world.failureOf([topping({ client: mallory }, 0n, later)])).toBe("authority");
    expect(await world.failureOf([topping({ client: mallory.address })])).toBe("authority");
    await world.send([topping({ client }, 0n, later)]);
  });

  test("a deadline only moves on, into the future, and within 90 days", async () => {
    const client = { client: world.client };
    expect(await world.failureOf([topping(client, 0n, START + HOUR)])).toBe("early");
    expect(await world.failureOf([topping(client, 0n, START + HOUR - 1n)])).toBe("early");
    expect(await world.failureOf([topping(client, 0n, -1n)])).toBe("early");
    expect(await world.failureOf([topping(client, 0n, START + 90n * DAY + 1n)])).toBe("late");
    world.pass(2n * HOUR);
    expect(await world.failureOf([topping(client, 0n, START + 2n * HOUR)])).toBe("late");
    await world.send([topping(client, 0n, START + 2n * HOUR + 1n)]);
  });

  test("the funder signs, even for nothing", async () => {
    const { address } = world.mallory;
    expect(await world.failureOf([topping({ funder: address })])).toBe("signer");
    expect(await world.failureOf([topping({ funder: address }, 0n)])).toBe("signer");
    await world.send([topping({ source: address }, 0n)]);
  });

  test("pays with the funder's own account of the escrow's mint, what is in it", async () => {
    const other = await createMint(world, world.minter.address);
    const foreign = await createToken(world, { mint: other, owner: world.mallory.address, amount: 5n });
    expect(await world.failureOf([topping({ source: world.tokens.alice })])).toBe("owner");
    expect(await world.failureOf([topping({ source: foreign })])).toBe("mint");
    expect(await world.failureOf([topping({}, FUNDS + 1n)])).toBe("amount");
    expect(await world.failureOf([topping({}, AMOUNT_MAX + 1n)])).toBe("amount");
    await world.send([topping({}, FUNDS)]);
  });

  test("pays into the escrow's vault only", async () => {
    const { mint, mallory } = world;
    const second = await openEscrow(world, { id: 2 });
    expect(await world.failureOf([topping({ vault: second.vault })])).toBe("address");
    const { address } = mallory;
    const beside = await createToken(world, { mint, owner: escrow.address, address });
    expect(await world.failureOf([topping({ vault: beside })])).toBe("address");
  });

  test("wants an escrow", async () => {
    const none = await planEscrow(world, 3);
    const bond = await makeBond(world, "alice", 10n);
    expect(await world.failureOf([topping({ escrow: none.address })])).toBe("owner");
    expect(await world.failureOf([topping({ escrow: world.tokens.alice })])).toBe("owner");
    expect(await world.failureOf([topping({ escrow: bond.address })])).toBe("state");
  });

  test("wants the token program, and exactly its accounts and its data", async () => {
    expect(await world.failureOf([topping({ token: world.mallory.address })])).toBe("program");
    expect(await world.failureOf([withoutLastAccount(topping())])).toBe("accounts");
    expect(await world.failureOf([withAccount(topping(), world.mallory.address)])).toBe("accounts");
    expect(await world.failureOf([withData(topping(), longer)])).toBe("data");
    expect(await world.failureOf([withData(topping(), shorter)])).toBe("data");
  });
});
