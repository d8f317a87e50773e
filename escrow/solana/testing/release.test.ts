import type { Address, Instruction } from "@solana/kit";
import { AccountState } from "@solana-program/token";
import { beforeEach, describe, expect, test } from "vitest";
import { AMOUNT_MAX, feeMax, payeeRoot, payeeTree } from "../layout.ts";
import { FEATURES } from "./chain.ts";
import { keyOf } from "./evidence.ts";
import { type Release, release } from "./instructions.ts";
import { createMint, createToken, tokensAt } from "./tokens.ts";
import {
  createWorld,
  DEPOSIT,
  type EscrowAt,
  FUNDS,
  HOUR,
  longer,
  makeBond,
  openEscrow,
  planEscrow,
  planRelease,
  releaseByVoucher,
  type Share,
  shorter,
  stateOf,
  type World,
  withAccount,
  withData,
  withoutLastAccount,
} from "./world.ts";

const ALICE = 0;
const BOB = 1;
const CAROL = 2;

describe.each(FEATURES)("release, with %s features", (features) => {
  let world: World;
  let escrow: EscrowAt;
  const plan = (shares: readonly Share[], terms: { fee?: bigint; releases?: number } = {}): Release =>
    planRelease(world, escrow, shares, terms);
  const releasing = (
    shares: readonly Share[],
    terms: { fee?: bigint; releases?: number } = {},
  ): Instruction => release(plan(shares, terms));
  const one = (over: Partial<Release> = {}): Instruction =>
    release({ ...plan([{ who: BOB, amount: 5n }]), ...over });

  beforeEach(async () => {
    world = await createWorld(features);
    escrow = await openEscrow(world);
  });

  test("pays each payee and the aggregator, and keeps the rest", async () => {
    const shares = [
      { who: ALICE, amount: 40_000_000n },
      { who: CAROL, amount: 9_000_000n },
    ];
    const { compute_units } = await world.send([releasing(shares, { fee: 1_000_000n })]);
    expect(compute_units).toBeLessThan(40_000n);
    expect(tokensAt(world, world.tokens.alice)).toBe(FUNDS + 40_000_000n);
    expect(tokensAt(world, world.tokens.carol)).toBe(FUNDS + 9_000_000n);
    expect(tokensAt(world, world.tokens.aggregator)).toBe(1_000_000n);
    expect(tokensAt(world, escrow.vault)).toBe(DEPOSIT - 50_000_000n);
    expect(stateOf(world, escrow)).toMatchObject({ releases: 1, last_paid: 0b11, paid: 50_000_000n });
  });

  test("twelve payees fit a release, thirteen do not", async () => {
    const alone = await openEscrow(world, {
      id: 2,
      payees: payeeRoot(payeeTree([keyOf(world.bob.address)])),
    });
    const share = { amount: 5n, proof: { index: 0, path: [] } };
    const many = (count: number): Release => ({
      ...planRelease(world, alone, []),
      payees: Array.from({ length: count }, () => world.tokens.bob),
      data: { releases: 0, fee: 1n, depth: 0, payees: Array.from({ length: count }, () => share) },
    });
    expect(await world.failureOf([release(many(13))])).toBe("accounts");
    expect(await world.failureOf([release(many(0))])).toBe("accounts");
    const { compute_units } = await world.send([release(many(12))]);
    expect(compute_units).toBeLessThan(60_000n);
    expect(tokensAt(world, world.tokens.bob)).toBe(FUNDS + 60n);
    expect(stateOf(world, alone).last_paid).toBe(0xfff);
  });

  test("each names how many were before, so that a repeat fails", async () => {
    const shares = [{ who: BOB, amount: 5n }];
    expect(await world.failureOf([releasing(shares, { releases: 1 })])).toBe("sequence");
    await world.send([releasing(shares)]);
    expect(await world.failureOf([releasing(shares)])).toBe("sequence");
    await world.send([releasing(shares, { releases: 1 })]);
    expect(await world.failureOf([releasing(shares, { releases: 1 })])).toBe("sequence");
    expect(stateOf(world, escrow)).toMatchObject({ releases: 2, paid: 10n });
  });

  test("until the deadline, itself included", async () => {
    world.pass(HOUR);
    await world.send([one()]);
    world.pass(1n);
    expect(await world.failureOf([releasing([{ who: BOB, amount: 5n }], { releases: 1 })])).toBe("late");
  });

  test("needs the client or the aggregator, and their signature", async () => {
    const { client, aggregator, mallory } = world;
    expect(await world.failureOf([one({ authority: client.address })])).toBe("signer");
    expect(await world.failureOf([one({ authority: aggregator.address })])).toBe("signer");
    expect(await world.failureOf([one({ authority: mallory })])).toBe("authority");
    expect(await world.failureOf([one({ authority: aggregator })])).toBe("voucher");
  });

  test("the fee is at most the agreed part of all that is paid out", async () => {
    const shares = [{ who: BOB, amount: 97_999_999n }];
    const most = feeMax(97_999_999n, 200);
    expect(most).toBe(1_999_999n);
    expect(await world.failureOf([releasing(shares, { fee: most + 1n })])).toBe("fee");
    expect(await world.failureOf([releasing(shares, { fee: 2n ** 64n - 1n })])).toBe("fee");
    expect(await world.failureOf([releasing([{ who: BOB, amount: 48n }], { fee: 1n })])).toBe("fee");
    await world.send([releasing(shares, { fee: most })]);
    expect(tokensAt(world, world.tokens.aggregator)).toBe(most);
    expect(stateOf(world, escrow).paid).toBe(97_999_999n + most);
    escrow = await openEscrow(world, { id: 2 });
    await world.send([releasing([{ who: BOB, amount: 49n }], { fee: 1n })]);
  });

  test("a lower fee that was agreed holds, and none as well", async () => {
    escrow = await openEscrow(world, { id: 2, fee_bps: 50 });
    const shares = [{ who: BOB, amount: 99_500_000n }];
    expect(await world.failureOf([releasing(shares, { fee: 500_001n })])).toBe("fee");
    await world.send([releasing(shares, { fee: 500_000n })]);
    escrow = await openEscrow(world, { id: 3, fee_bps: 0 });
    expect(await world.failureOf([releasing(shares, { fee: 1n })])).toBe("fee");
    await world.send([releasing(shares)]);
  });

  test("the fee goes to an account of the aggregator's, that takes it", async () => {
    const paying = (fee_token: Address, fee = 1n): Instruction =>
      release({ ...plan([{ who: BOB, amount: 100n }], { fee }), fee_token });
    const { aggregator, mint, mallory } = world;
    expect(await world.failureOf([paying(world.tokens.mallory)])).toBe("owner");
    expect(await world.failureOf([paying(aggregator.address)])).toBe("mint");
    await createToken(world, { mint, owner: aggregator.address, state: AccountState.Frozen });
    expect(await world.failureOf([paying(world.tokens.aggregator)])).toBe("mint");
    const second = await createToken(world, { mint, owner: aggregator.address, address: mallory.address });
    await world.send([paying(second)]);
    expect(tokensAt(world, second)).toBe(1n);
    const free = plan([{ who: BOB, amount: 100n }], { releases: 1 });
    await world.send([release({ ...free, fee_token: world.carol.address })]);
  });

  test("takes no more than the vault holds", async () => {
    expect(await world.failureOf([releasing([{ who: BOB, amount: DEPOSIT + 1n }])])).toBe("amount");
    const shares = [
      { who: BOB, amount: 98_000_000n },
      { who: ALICE, amount: 1n },
    ];
    expect(await world.failureOf([releasing(shares, { fee: 2_000_000n })])).toBe("amount");
    await world.send([releasing([{ who: BOB, amount: DEPOSIT }])]);
    expect(tokensAt(world, escrow.vault)).toBe(0n);
  });

  test("amounts are above 0 and at most 2^53 - 1, and so is their sum", async () => {
    await createToken(world, { mint: world.mint, owner: escrow.address, amount: 2n ** 62n });
    for (const amount of [0n, AMOUNT_MAX + 1n, 2n ** 64n - 1n]) {
      expect(await world.failureOf([releasing([{ who: BOB, amount }])])).toBe("amount");
    }
    const shares = [
      { who: BOB, amount: AMOUNT_MAX },
      { who: ALICE, amount: 1n },
    ];
    expect(await world.failureOf([releasing(shares)])).toBe("amount");
    await world.send([releasing([{ who: BOB, amount: AMOUNT_MAX }])]);
    const more = [{ who: BOB, amount: 1n }];
    expect(await world.failureOf([releasing(more, { releases: 1 })])).toBe("amount");
    expect(stateOf(world, escrow).paid).toBe(AMOUNT_MAX);
  });

  test("the largest amount keeps its fee exact", async () => {
    await createToken(world, { mint: world.mint, owner: escrow.address, amount: 2n ** 62n });
    const amount = (AMOUNT_MAX * 98n) / 100n;
    const fee = feeMax(amount, 200);
    expect(await world.failureOf([releasing([{ who: BOB, amount }], { fee: fee + 1n })])).toBe("fee");
    await world.send([releasing([{ who: BOB, amount }], { fee })]);
    expect(tokensAt(world, world.tokens.aggregator)).toBe(fee);
  });

  test("takes from the escrow's vault only", async () => {
    const second = await openEscrow(world, { id: 2 });
    expect(await world.failureOf([one({ vault: second.vault })])).toBe("address");
    const address = world.mallory.address;
    const owner = escrow.address;
    const beside = await createToken(world, { mint: world.mint, owner, address, amount: 50n });
    expect(await world.failureOf([one({ vault: beside })])).toBe("address");
  });

  test("wants an escrow and its mint", async () => {
    const none = await planEscrow(world, 3);
    const bond = await makeBond(world, "alice", 10n);
    expect(await world.failureOf([one({ escrow: none.address })])).toBe("owner");
    expect(await world.failureOf([one({ escrow: bond.address })])).toBe("state");
    const mint = await createMint(world, world.minter.address);
    expect(await world.failureOf([one({ mint })])).toBe("mint");
  });

  test("wants the token program and the sysvar of instructions", async () => {
    const { address } = world.mallory;
    expect(await world.failureOf([one({ token: address })])).toBe("program");
    expect(await world.failureOf([one({ sysvar: address })])).toBe("program");
  });

  test("wants as many accounts as data has shares, and no byte more", async () => {
    const both = releasing([
      { who: BOB, amount: 5n },
      { who: ALICE, amount: 5n },
    ]);
    expect(await world.failureOf([withoutLastAccount(both)])).toBe("data");
    expect(await world.failureOf([withAccount(both, world.tokens.carol)])).toBe("data");
    expect(await world.failureOf([withData(both, longer)])).toBe("data");
    expect(await world.failureOf([withData(both, shorter)])).toBe("data");
    expect(await world.failureOf([withData(both, (data) => data.slice(0, 14))])).toBe("data");
    expect(await world.failureOf([withData(both, (data) => data.slice(0, 13))])).toBe("data");
    const nobody = { ...both, accounts: (both.accounts ?? []).slice(0, 7) };
    expect(await world.failureOf([withData(nobody, (data) => data.slice(0, 14))])).toBe("accounts");
    expect(await world.failureOf([withData(nobody, (data) => data.slice(0, 13))])).toBe("data");
    const bare = { ...both, accounts: (both.accounts ?? []).slice(0, 6) };
    expect(await world.failureOf([bare])).toBe("accounts");
  });

  describe("to payees of a committed set", () => {
    test("everyone in it is paid, wherever they stand", async () => {
      for (const [releases, who] of [ALICE, BOB, CAROL].entries()) {
        await world.send([releasing([{ who, amount: 5n }], { releases })]);
      }
      expect(tokensAt(world, world.tokens.carol)).toBe(FUNDS + 5n);
    });

    test("nobody else is, with anybody's proof", async () => {
      for (const who of [ALICE, BOB, CAROL]) {
        const stranger = { who, amount: 5n, token: world.tokens.mallory };
        expect(await world.failureOf([releasing([stranger])])).toBe("payee");
      }
      const swapped = { who: ALICE, amount: 5n, token: world.tokens.bob };
      expect(await world.failureOf([releasing([swapped])])).toBe("payee");
    });

    test("a proof is of one place, one length and one path", async () => {
      const { data, ...rest } = plan([{ who: BOB, amount: 5n }]);
      const proof = data.payees[0]?.proof;
      if (proof === undefined) throw new Error("there is no proof");
      const proving = (index: number, path: readonly Uint8Array[], depth = path.length): Instruction =>
        release({ ...rest, data: { ...data, depth, payees: [{ amount: 5n, proof: { index, path } }] } });
      const [sibling, uncle] = proof.path as [Uint8Array, Uint8Array];
      expect(await world.failureOf([proving(0, proof.path)])).toBe("payee");
      expect(await world.failureOf([proving(3, proof.path)])).toBe("payee");
      expect(await world.failureOf([proving(1 + 4, proof.path)])).toBe("payee");
      expect(await world.failureOf([proving(1, [uncle, sibling])])).toBe("payee");
      expect(await world.failureOf([proving(1, [sibling])])).toBe("payee");
      expect(await world.failureOf([proving(1, [])])).toBe("payee");
      expect(await world.failureOf([proving(1, [sibling, uncle.with(31, uncle[31] === 0 ? 1 : 0)])])).toBe(
        "payee",
      );
      await world.send([proving(1, proof.path)]);
    });

    test("a node of the tree is nobody", async () => {
      const owner = world.bob.address;
      const forged = payeeTree([keyOf(owner)]);
      escrow = await openEscrow(world, { id: 2, payees: forged[0]?.[0]?.with(0, 9) ?? new Uint8Array(32) });
      const share = { amount: 5n, proof: { index: 0, path: [] } };
      const alone = { releases: 0, fee: 0n, depth: 0, payees: [share] };
      const alonePlan = { ...plan([{ who: BOB, amount: 5n }]), data: alone };
      expect(await world.failureOf([release(alonePlan)])).toBe("payee");
    });

    test("trees are up to 20 deep", async () => {
      const { data, ...rest } = plan([{ who: BOB, amount: 5n }]);
      const deep = (depth: number): Instruction => {
        const path = Array.from({ length: depth }, () => new Uint8Array(32));
        return release({
          ...rest,
          data: { ...data, depth, payees: [{ amount: 5n, proof: { index: 0, path } }] },
        });
      };
      expect(await world.failureOf([deep(20)])).toBe("payee");
      expect(await world.failureOf([deep(21)])).toBe("data");
    });

    test("the vault is no payee, even where its owner is in the set", async () => {
      const owners = [keyOf((await planEscrow(world, 2)).address)];
      escrow = await openEscrow(world, { id: 2, payees: payeeRoot(payeeTree(owners)) });
      const share = { amount: 5n, proof: { index: 0, path: [] } };
      const self: Release = {
        ...plan([{ who: BOB, amount: 5n }]),
        payees: [escrow.vault],
        data: { releases: 0, fee: 0n, depth: 0, payees: [share] },
      };
      expect(await world.failureOf([release(self)])).toBe("payee");
    });
  });

  describe("to payees who cannot be paid", () => {
    const shares = [
      { who: ALICE, amount: 98n },
      { who: BOB, amount: 98n },
      { who: CAROL, amount: 98n },
    ];

    test("passes over a frozen account, and the fee shrinks", async () => {
      const { mint, bob } = world;
      await createToken(world, { mint, owner: bob.address, state: AccountState.Frozen });
      await world.send([releasing(shares, { fee: 6n })]);
      expect(stateOf(world, escrow)).toMatchObject({ releases: 1, last_paid: 0b101, paid: 200n });
      expect(tokensAt(world, world.tokens.aggregator)).toBe(4n);
      expect(tokensAt(world, world.tokens.carol)).toBe(FUNDS + 98n);
      expect(tokensAt(world, escrow.vault)).toBe(DEPOSIT - 200n);
    });

    test("a fee that is small enough stays as it is", async () => {
      const { mint, bob } = world;
      await createToken(world, { mint, owner: bob.address, state: AccountState.Frozen });
      await world.send([releasing(shares, { fee: 3n })]);
      expect(tokensAt(world, world.tokens.aggregator)).toBe(3n);
    });

    test("passes over an account that is closed, foreign, of another mint or no account of tokens", async () => {
      const other = await createMint(world, world.minter.address);
      const foreign = await createToken(world, { mint: other, owner: world.bob.address });
      const closed = (await planEscrow(world, 9)).vault;
      for (const [releases, token] of [foreign, closed, world.bob.address, world.mint].entries()) {
        const [first, second, third] = shares as [Share, Share, Share];
        const some = [first, { ...second, token }, third];
        await world.send([releasing(some, { fee: 6n, releases })]);
        expect(stateOf(world, escrow).last_paid).toBe(0b101);
      }
    });

    test("when nobody can be paid the release counts, and pays nothing", async () => {
      const token = world.bob.address;
      await world.send([releasing([{ who: BOB, amount: 98n, token }], { fee: 2n })]);
      expect(stateOf(world, escrow)).toMatchObject({ releases: 1, last_paid: 0, paid: 0n });
      expect(tokensAt(world, world.tokens.aggregator)).toBe(0n);
      expect(tokensAt(world, escrow.vault)).toBe(DEPOSIT);
    });

    test("the fee that was asked for is judged by all that was asked for", async () => {
      const token = world.bob.address;
      expect(await world.failureOf([releasing([{ who: BOB, amount: 98n, token }], { fee: 3n })])).toBe("fee");
    });

    test("their amounts are amounts all the same", async () => {
      const token = world.bob.address;
      for (const amount of [0n, AMOUNT_MAX + 1n]) {
        expect(await world.failureOf([releasing([{ who: BOB, amount, token }])])).toBe("amount");
      }
      const most = { who: BOB, amount: AMOUNT_MAX, token };
      expect(await world.failureOf([releasing([most, { who: ALICE, amount: 1n }])])).toBe("amount");
      await world.send([releasing([most])]);
    });

    test("a voucher counts what is paid", async () => {
      const [first, second, third] = shares as [Share, Share, Share];
      const some = [first, { ...second, token: world.bob.address }, third];
      const within = await releaseByVoucher(world, plan(some, { fee: 6n }), 200n);
      await world.send(within);
      expect(stateOf(world, escrow).paid).toBe(200n);
    });
  });
});
