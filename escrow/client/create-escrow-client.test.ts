import { hex } from "@scure/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commitmentMessage, payeeRoot, payeeTree } from "../solana/layout.ts";
import { type Address, addressBytes, parseAddress } from "./address.ts";
import type { BroadcastOutcome } from "./broadcast/broadcast-outcome.ts";
import { deriveEscrow } from "./derive-addresses.ts";
import type { PayeeTerms } from "./instructions/open-escrow.ts";
import { verifySignatures } from "./instructions/verify-signatures.ts";
import type { SignedCommitment } from "./prepare/prepare-slash.ts";
import type { ReleaseShares } from "./prepare/resolve-payees.ts";
import type { Signer } from "./signer.ts";
import { startTestChain, type TestChain } from "./testing/devnet.ts";
import { seedSigner } from "./testing/seeds.ts";
import { deriveTokenAccount } from "./token-account.ts";
import type { SignedTransaction } from "./transaction/signed-transaction.ts";
import vectors from "./vectors.json" with { type: "json" };
import { parseVoucher, type SignedVoucher, signVoucher } from "./voucher.ts";

let world: TestChain;
let client: Signer;
let aggregator: Signer;
let ids = 0;
beforeAll(async () => {
  world = await startTestChain();
  client = await world.person(1, 1_000_000_000n);
  aggregator = await world.person(2);
});
afterAll(() => world.chain.close());

const settle = (transaction: SignedTransaction): Promise<BroadcastOutcome> =>
  world.client.settle(transaction, { patience_ms: 20_000, step_ms: 20 });

async function open(payees: PayeeTerms, amount: bigint, seconds = 3_600): Promise<Address> {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(0, ++ids);
  const terms = {
    client,
    mint: world.mint,
    aggregator: aggregator.address,
    id,
    fee_bps: 200,
    payees,
    deadline: world.inSeconds(seconds),
    amount,
  };
  const opening = await world.client.prepareOpen(terms, { fee_payer: client });
  expect(await settle(opening)).toMatchObject({ state: "landed" });
  return deriveEscrow(world.program, client.address, id).address;
}

async function voucherOf(escrow: Address, limit: bigint): Promise<SignedVoucher> {
  const { opened_slot } = await world.client.readEscrow(escrow);
  return signVoucher(client, { escrow, opened_slot, limit });
}

async function committedTo(owners: readonly Address[]): Promise<PayeeTerms> {
  return { kind: "committed", root: payeeRoot(payeeTree(owners.map(addressBytes))) };
}

describe("an escrow that commits to its payees", () => {
  it("pays several of them and the fee with the client's voucher, and refunds the rest", async () => {
    const owners = [
      (await world.person(10)).address,
      (await world.person(11)).address,
      (await world.person(12)).address,
    ];
    const before = await world.balance(client.address);
    const escrow = await open(await committedTo(owners), 10_000n);
    expect(await world.client.readDeposit(escrow)).toMatchObject({ balance: 10_000n, deposited: 10_000n });

    const release = await world.client.prepareRelease(
      {
        escrow,
        authority: aggregator,
        voucher: await voucherOf(escrow, 5_000n),
        releases: 0,
        fee: 40n,
        shares: {
          kind: "committed",
          owners,
          shares: [
            { index: 0, amount: 1_000n },
            { index: 2, amount: 960n },
          ],
        },
      },
      { fee_payer: aggregator, unit_limit: 100_000, unit_price: 10n },
    );
    expect(await settle(release)).toMatchObject({ state: "landed" });
    expect(await Promise.all(owners.map(world.balance))).toEqual([1_000n, 0n, 960n]);
    expect(await world.balance(aggregator.address)).toBe(40n);
    expect(await world.client.readDeposit(escrow)).toMatchObject({
      balance: 8_000n,
      deposited: 10_000n,
      escrow: { paid: 2_000n, releases: 1, last_paid: 3 },
    });

    const refund = await world.client.prepareRefund({ escrow, aggregator }, { fee_payer: aggregator });
    expect(await settle(refund)).toMatchObject({ state: "landed" });
    expect(await world.balance(client.address)).toBe(before - 2_000n);
    await expect(world.client.readEscrow(escrow)).rejects.toMatchObject({ code: "account_missing" });
  });

  it("can be topped up by anybody, and its deadline moved by the client", async () => {
    const owners = [(await world.person(10)).address];
    const escrow = await open(await committedTo(owners), 0n);
    const { deadline } = await world.client.readEscrow(escrow);
    const funder = await world.person(13, 500n);
    const topUp = await world.client.prepareTopUp(
      { escrow, funder, amount: 500n, extension: { client, deadline: deadline + 60n } },
      { fee_payer: funder },
    );
    expect(await settle(topUp)).toMatchObject({ state: "landed" });
    expect(await world.client.readDeposit(escrow)).toMatchObject({
      balance: 500n,
      escrow: { deadline: deadline + 60n },
    });
  });

  it("passes over a payee whose account is frozen, which can be seen beforehand", async () => {
    const owners = [(await world.person(14)).address, (await world.person(15)).address];
    const escrow = await open(await committedTo(owners), 1_000n);
    const accounts = owners.map((owner) => deriveTokenAccount(owner, world.mint));
    await world.chain.setFrozen(world.mint, accounts[0] ?? "", true);
    const nobody = deriveTokenAccount((await seedSigner(99)).address, world.mint);
    await settle(
      await releaseBy(client, escrow, 0, { kind: "committed", owners, shares: [{ index: 1, amount: 1n }] }),
    );
    const states = await world.client.readTokenAccounts([...accounts, nobody, escrow]);
    expect(states.map(({ state }) => state)).toEqual(["frozen", "ready", "missing", "invalid"]);
    const shares = [
      { index: 0, amount: 100n },
      { index: 1, amount: 100n },
    ];
    const release = await releaseBy(client, escrow, 1, { kind: "committed", owners, shares });
    expect(await settle(release)).toMatchObject({ state: "landed" });
    expect(await world.client.readEscrow(escrow)).toMatchObject({ paid: 101n, last_paid: 0b10 });
  });
});

const releaseBy = (
  authority: Signer,
  escrow: Address,
  releases: number,
  shares: ReleaseShares,
  unit_limit = 100_000,
) =>
  world.client.prepareRelease(
    { escrow, authority, voucher: null, releases, fee: 0n, shares },
    { fee_payer: authority, unit_limit },
  );

describe("an escrow for whoever is bonded", () => {
  it("pays to the account that each bond names, until the bond is slashed with two commitments", async () => {
    const provider = await world.person(20, 1_000n);
    const payout = (await world.person(21)).address;
    const deposit = { provider, mint: world.mint, amount: 1_000n, payout };
    expect(
      await settle(await world.client.prepareBondDeposit(deposit, { fee_payer: provider })),
    ).toMatchObject({
      state: "landed",
    });
    expect(await world.client.readBond(provider.address, world.mint)).toMatchObject({
      amount: 1_000n,
      payout,
      unlock: 0n,
    });

    const escrow = await open({ kind: "bonded", min_bond: 1_000n }, 500n);
    const shares = { kind: "bonded" as const, shares: [{ provider: provider.address, amount: 300n }] };
    expect(await settle(await releaseBy(client, escrow, 0, shares))).toMatchObject({ state: "landed" });
    expect(await world.balance(payout)).toBe(300n);

    const reporter = await seedSigner(22);
    const slash = await world.client.prepareSlash(
      {
        provider: provider.address,
        mint: world.mint,
        reporter: reporter.address,
        evidence: [await commitmentOf(provider, 1), await commitmentOf(provider, 2)],
      },
      { fee_payer: aggregator },
    );
    expect(await settle(slash)).toMatchObject({ state: "landed" });
    expect(await world.balance(reporter.address)).toBe(500n);
    await expect(releaseBy(client, escrow, 1, shares)).rejects.toMatchObject({ code: "account_missing" });
  });

  it("lets a bond go seven days after its provider asked", async () => {
    const chain = await startTestChain();
    try {
      const provider = await chain.person(23, 700n);
      const fees = { fee_payer: provider };
      const terms = { provider, mint: chain.mint };
      const wait = { patience_ms: 20_000, step_ms: 20 };
      const deposit = { ...terms, amount: 700n, payout: provider.address };
      await chain.client.settle(await chain.client.prepareBondDeposit(deposit, fees), wait);
      await chain.client.settle(await chain.client.prepareBondExitRequest(terms, fees), wait);
      const early = await chain.client.prepareBondExit(terms, fees);
      expect(await chain.client.advance(early)).toMatchObject({
        state: "unknown",
        refusal: expect.stringContaining("early"),
      });
      chain.chain.warp(7 * 86_400 + 60);
      const exit = await chain.client.prepareBondExit(terms, fees);
      expect(await chain.client.settle(exit, wait)).toMatchObject({ state: "landed" });
      expect(await chain.balance(provider.address)).toBe(700n);
    } finally {
      await chain.chain.close();
    }
  });
});

async function commitmentOf(provider: Signer, root: number): Promise<SignedCommitment> {
  const hashes = { context_hash: new Uint8Array(32).fill(7), root: new Uint8Array(32).fill(root) };
  const signature = await provider.sign(commitmentMessage(hashes.context_hash, hashes.root));
  return { ...hashes, signature };
}

describe("what is refused before anything is signed", () => {
  let escrow: Address;
  let owners: Address[];
  beforeAll(async () => {
    owners = [(await world.person(30)).address, (await world.person(31)).address];
    escrow = await open(await committedTo(owners), 1_000n);
  });

  const release = async (change: {
    authority?: Signer;
    voucher?: SignedVoucher | null;
    releases?: number;
    fee?: bigint;
    owners?: Address[];
    index?: number;
  }) =>
    world.client.prepareRelease(
      {
        escrow,
        authority: change.authority ?? aggregator,
        voucher: change.voucher === undefined ? await voucherOf(escrow, 1_000n) : change.voucher,
        releases: change.releases ?? 0,
        fee: change.fee ?? 0n,
        shares: {
          kind: "committed",
          owners: change.owners ?? owners,
          shares: [{ index: change.index ?? 0, amount: 980n }],
        },
      },
      { fee_payer: aggregator },
    );

  it("is a fee beyond the escrow's share of all that is paid", async () => {
    const voucher = await voucherOf(escrow, 2_000n);
    await expect(release({ voucher, fee: 20n })).resolves.toBeDefined();
    await expect(release({ voucher, fee: 21n })).rejects.toMatchObject({
      code: "release_refused",
      message: "the fee is 21; for 980 to the payees it may be 20, of 200 bps",
    });
  });

  it("is a release by a stranger, or by the aggregator without a voucher", async () => {
    await expect(release({ authority: await seedSigner(98) })).rejects.toMatchObject({
      code: "release_refused",
    });
    await expect(release({ voucher: null })).rejects.toMatchObject({ code: "release_refused" });
  });

  it("is a voucher that allows too little, is another's, or that the chain would not take", async () => {
    const good = await voucherOf(escrow, 979n);
    await expect(release({ voucher: good })).rejects.toMatchObject({ code: "release_refused" });
    const stranger = await signVoucher(aggregator, { ...good, limit: 1_000n });
    await expect(release({ voucher: stranger })).rejects.toMatchObject({ code: "voucher_invalid" });
    const earlier = await signVoucher(client, { ...good, limit: 1_000n, opened_slot: good.opened_slot - 1n });
    await expect(release({ voucher: earlier })).rejects.toMatchObject({ code: "voucher_invalid" });
  });

  it("is a release to whoever is bonded from an escrow that names its payees, and the other way round", async () => {
    const bonded = await open({ kind: "bonded", min_bond: 1_000n }, 10n);
    const toProvider = { kind: "bonded" as const, shares: [{ provider: client.address, amount: 1n }] };
    const toOwner = { kind: "committed" as const, owners, shares: [{ index: 0, amount: 1n }] };
    await expect(releaseBy(client, escrow, 0, toProvider)).rejects.toMatchObject({ code: "release_refused" });
    await expect(releaseBy(client, bonded, 0, toOwner)).rejects.toMatchObject({ code: "release_refused" });
  });

  it("is a payee whose bond is too small", async () => {
    const bonded = await open({ kind: "bonded", min_bond: 1_000n }, 10n);
    const provider = await world.person(33, 999n);
    const deposit = { provider, mint: world.mint, amount: 999n, payout: provider.address };
    await settle(await world.client.prepareBondDeposit(deposit, { fee_payer: provider }));
    const shares = { kind: "bonded" as const, shares: [{ provider: provider.address, amount: 1n }] };
    await expect(releaseBy(client, bonded, 0, shares)).rejects.toMatchObject({ code: "release_refused" });
  });

  it("is an account that is no escrow, or another program's", async () => {
    for (const address of [world.mint, deriveTokenAccount(client.address, world.mint)])
      await expect(world.client.readEscrow(address)).rejects.toMatchObject({ code: "account_invalid" });
    const { address: bond } = await world.client.readBond((await seedSigner(33)).address, world.mint);
    await expect(world.client.readEscrow(bond)).rejects.toMatchObject({ code: "account_invalid" });
  });

  it("is a number that the escrow has not come to", async () => {
    await expect(release({ releases: 1 })).rejects.toMatchObject({ code: "release_refused" });
  });

  it("is a payee that the set does not hold, and a set that the escrow does not commit to", async () => {
    await expect(release({ index: 2 })).rejects.toMatchObject({ code: "release_refused" });
    await expect(release({ owners: [...owners].reverse() })).rejects.toMatchObject({
      code: "release_refused",
    });
  });

  it("is evidence of one root, of two contexts, or of a signature that is not the provider's", async () => {
    const provider = await world.person(32, 10n);
    const [one, other] = [await commitmentOf(provider, 1), await commitmentOf(provider, 2)];
    const slash = (evidence: readonly [SignedCommitment, SignedCommitment]) =>
      world.client.prepareSlash(
        { provider: provider.address, mint: world.mint, reporter: client.address, evidence },
        { fee_payer: client },
      );
    const elsewhere = { ...other, context_hash: new Uint8Array(32).fill(8) };
    for (const evidence of [
      [one, one],
      [one, elsewhere],
      [one, { ...other, signature: one.signature }],
    ] as const)
      await expect(slash(evidence)).rejects.toMatchObject({ code: "evidence_invalid" });
  });
});

describe("the chain", () => {
  it("refuses a release whose number has passed, and the client says that it happened", async () => {
    const owners = [(await world.person(40)).address];
    const escrow = await open(await committedTo(owners), 1_000n);
    const shares = { kind: "committed" as const, owners, shares: [{ index: 0, amount: 100n }] };
    const first = await releaseBy(client, escrow, 0, shares);
    const twin = await releaseBy(client, escrow, 0, shares, 90_000);
    expect(await settle(first)).toMatchObject({ state: "landed" });
    expect(await world.client.advance(twin)).toMatchObject({
      state: "unknown",
      refusal: expect.stringContaining("sequence"),
    });
    expect(await world.balance(owners[0] ?? client.address)).toBe(100n);
    await expect(releaseBy(client, escrow, 0, shares)).rejects.toMatchObject({ code: "release_superseded" });
  });

  it("refuses the signature that other verifiers would take", async () => {
    const { voucher: good, voucher_refused } = vectors;
    const check = async (text: string) => {
      const { signature } = parseVoucher(text);
      const public_key = addressBytes(parseAddress(good.client));
      const verifying = verifySignatures([{ signature, public_key, message: hex.decode(good.message) }]);
      return world.client.advance(await world.sign([verifying], client));
    };
    expect(await check(good.text)).toEqual({ state: "unknown", refusal: null });
    expect(await check(voucher_refused.text)).toMatchObject({ refusal: expect.any(String) });
  });
});

describe("the client's connections", () => {
  it("are HTTP alone, and leave no timer behind", async () => {
    const transports = new Set<string>();
    const traced = await startTestChain({ trace: ({ transport }) => transports.add(transport) });
    try {
      const person = await traced.person(60);
      const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
      const before = timers();
      const transaction = await traced.sign([], person);
      await traced.client.settle(transaction, { patience_ms: 20_000, step_ms: 20 });
      expect([...transports]).toEqual(["http"]);
      expect(timers()).toBeLessThanOrEqual(before);
    } finally {
      await traced.chain.close();
    }
  });
});
