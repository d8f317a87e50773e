import type { Instruction } from "@solana/kit";
import { getFreezeAccountInstruction, getThawAccountInstruction } from "@solana-program/token";
import fc from "fast-check";
import { expect, test } from "vitest";
import { START, START_SLOT } from "./chain.ts";
import { type Action, act, FEE_BPS, type Model } from "./escrow-model.ts";
import { checkSignatures, signVoucher } from "./evidence.ts";
import { open, refund, release, topUp } from "./instructions.ts";
import { supplyOf, tokensAt } from "./tokens.ts";
import {
  createWorld,
  type EscrowAt,
  exists,
  FUNDS,
  HOUR,
  planEscrow,
  planRefund,
  planRelease,
  stateOf,
  type World,
} from "./world.ts";

const amount = fc.oneof(fc.bigInt(1n, 300n), fc.bigInt(1n, FUNDS / 3n));
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant("open" as const), amount, term: fc.bigInt(1n, HOUR) }),
  fc.record({
    kind: fc.constant("top up" as const),
    amount: fc.oneof(fc.constant(0n), amount),
    later: fc.oneof(fc.constant(0n), fc.bigInt(1n, 2n * HOUR)),
  }),
  { arbitrary: releasing(), weight: 4 },
  fc.record({ kind: fc.constant("refund" as const), isAgreed: fc.boolean() }),
  fc.record({ kind: fc.constant("freeze" as const), who: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ kind: fc.constant("wait" as const), seconds: fc.bigInt(0n, HOUR) }),
);

/** Fees of about what is allowed, and limits of about what is asked for. */
function releasing(): fc.Arbitrary<Action> {
  return fc
    .record({
      shares: fc.array(amount, { minLength: 1, maxLength: 3 }),
      part: fc.bigInt(0n, 160n),
      by: fc.constantFrom("client" as const, "voucher" as const, "memory" as const),
      limit: fc.bigInt(0n, FUNDS),
    })
    .map(({ shares, part, by, limit }) => {
      const sum = shares.reduce((total, share) => total + share, 0n);
      return { kind: "release" as const, shares, fee: (sum * part) / 10_000n, by, limit };
    });
}

test("whatever is done, tokens are kept, fees are capped, and the program does what the model says", async () => {
  const history = fc.array(action, { minLength: 8, maxLength: 24 });
  // When one fails, fast-check prints the seed and the shortest such history.
  await fc.assert(
    fc.asyncProperty(history, async (actions) => {
      const world = await createWorld("mainnet");
      const escrow = await planEscrow(world);
      let model: Model = {
        now: START,
        slot: START_SLOT,
        client: FUNDS,
        aggregator: 0n,
        payees: [FUNDS, FUNDS, FUNDS],
        frozen: [false, false, false],
        escrow: null,
      };
      const supply = supplyOf(world, world.mint);
      for (const next of [{ kind: "open", amount: FUNDS / 2n, term: HOUR } as const, ...actions]) {
        const expected = act(model, next);
        const instructions = await instructionsOf(world, escrow, model, next);
        if (typeof expected === "string") expect(await world.failureOf(instructions)).toBe(expected);
        else await perform(world, next, instructions);
        if (typeof expected !== "string") model = expected;
        compare(world, escrow, model);
      }
      expect(supplyOf(world, world.mint)).toBe(supply);
    }),
    { numRuns: 40 },
  );
});

async function perform(world: World, action: Action, instructions: readonly Instruction[]): Promise<void> {
  if (action.kind === "wait") world.pass(action.seconds);
  else await world.send(instructions);
}

function compare(world: World, escrow: EscrowAt, model: Model): void {
  const { tokens } = world;
  const payees = [tokens.alice, tokens.bob, tokens.carol].map((address) => tokensAt(world, address));
  const found = {
    client: tokensAt(world, tokens.client),
    aggregator: tokensAt(world, tokens.aggregator),
    payees,
    vault: tokensAt(world, escrow.vault),
  };
  const { client, aggregator, escrow: state } = model;
  expect(found).toEqual({ client, aggregator, payees: model.payees, vault: state?.vault ?? null });
  const released = model.payees.reduce((sum, has) => sum + has - FUNDS, aggregator);
  expect(aggregator * 10_000n).toBeLessThanOrEqual(released * BigInt(FEE_BPS));
  const held = state?.vault ?? 0n;
  expect(client + held + released).toBe(FUNDS);
  expect(exists(world, escrow.address)).toBe(state !== null);
  if (state === null) return;
  const { deadline, opened_slot, paid, allowed, releases } = state;
  expect(stateOf(world, escrow)).toMatchObject({ deadline, opened_slot, paid, allowed, releases });
}

async function instructionsOf(
  world: World,
  escrow: EscrowAt,
  model: Model,
  action: Action,
): Promise<Instruction[]> {
  switch (action.kind) {
    case "wait":
      return [];
    case "freeze": {
      const account = [world.tokens.alice, world.tokens.bob, world.tokens.carol][action.who];
      if (account === undefined) throw new RangeError(`there is no payee ${action.who}`);
      const input = { account, mint: world.mint, owner: world.minter };
      return [
        model.frozen[action.who] ? getThawAccountInstruction(input) : getFreezeAccountInstruction(input),
      ];
    }
    case "open": {
      const deadline = model.now + action.term;
      const data = { ...escrow.open.data, amount: action.amount, deadline, fee_bps: FEE_BPS };
      return [open({ ...escrow.open, data })];
    }
    case "top up": {
      const deadline = action.later === 0n ? 0n : model.now + action.later;
      const { programs, client, tokens } = world;
      const { address, vault } = escrow;
      const data = { amount: action.amount, deadline };
      return [
        topUp({ ...programs, funder: client, client, escrow: address, vault, source: tokens.client, data }),
      ];
    }
    case "refund": {
      const aggregator = action.isAgreed ? world.aggregator : world.aggregator.address;
      return [refund({ ...planRefund(world, escrow), aggregator })];
    }
    case "release": {
      const shares = action.shares.map((share, who) => ({ who, amount: share }));
      const releases = model.escrow?.releases ?? 0;
      const plan = planRelease(world, escrow, shares, { fee: action.fee, releases });
      if (action.by === "client") return [release(plan)];
      const releasing = release({ ...plan, authority: world.aggregator });
      if (action.by === "memory") return [releasing];
      const slot = model.escrow?.opened_slot ?? 0n;
      const voucher = await signVoucher(world.client, escrow.address, slot, action.limit);
      return [checkSignatures(voucher), releasing];
    }
    default:
      return action satisfies never;
  }
}
