import { base64 } from "@scure/base";
import { VersionedTransaction } from "@solana/web3.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { AMOUNT_MAX, payeeRoot, payeeTree } from "../../solana/layout.ts";
import { type Address, addressBytes } from "../address.ts";
import type { BroadcastOutcome } from "../broadcast/broadcast-outcome.ts";
import { createEscrowClient } from "../create-escrow-client.ts";
import { deriveEscrow } from "../derive-addresses.ts";
import { ED25519 } from "../instructions/role.ts";
import type { Signer } from "../signer.ts";
import { startTestChain, type TestChain } from "../testing/devnet.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import { type SignedVoucher, signVoucher } from "../voucher.ts";

let world: TestChain;
let client: Signer;
let aggregator: Signer;
let payee: Address;
let escrow: Address;
let ids = 0;
beforeAll(async () => {
  world = await startTestChain();
  client = await world.person(1, 1_000_000n);
  aggregator = await world.person(2, 1n);
  payee = (await world.person(3)).address;
});
afterAll(() => world.chain.close());

beforeEach(async () => {
  const id = new Uint8Array(32).fill(++ids);
  const payees = { kind: "committed" as const, root: payeeRoot(payeeTree([addressBytes(payee)])) };
  const deadline = world.inSeconds(3_600);
  const terms = {
    client,
    mint: world.mint,
    aggregator: aggregator.address,
    id,
    fee_bps: 200,
    payees,
    deadline,
  };
  await land(await world.client.prepareOpen({ ...terms, amount: 10_000n }, { fee_payer: client }));
  escrow = deriveEscrow(world.program, client.address, id).address;
});

const settle = (transaction: SignedTransaction): Promise<BroadcastOutcome> =>
  world.client.settle(transaction, { patience_ms: 20_000, step_ms: 20 });

const land = async (transaction: SignedTransaction): Promise<void> =>
  void expect(await settle(transaction)).toMatchObject({ state: "landed" });

async function voucherOf(limit: bigint): Promise<SignedVoucher> {
  const { opened_slot } = await world.client.readEscrow(escrow);
  return signVoucher(client, { escrow, opened_slot, limit });
}

interface Sample {
  releases: number;
  amount: bigint;
  fee?: bigint;
  voucher: SignedVoucher | null;
  authority?: Signer;
}

function prepare({ releases, amount, fee = 0n, voucher, authority = aggregator }: Sample, by = world.client) {
  const shares = { kind: "committed" as const, owners: [payee], shares: [{ index: 0, amount }] };
  return by.prepareRelease(
    { escrow, authority, voucher, releases, fee, shares },
    { fee_payer: authority, unit_limit: 100_000 },
  );
}

/** Whether the transaction has the precompile verify a signature. */
const shows = ({ raw }: SignedTransaction): boolean =>
  VersionedTransaction.deserialize(raw).message.staticAccountKeys.some((key) => key.toBase58() === ED25519);

describe("the client's voucher", () => {
  it("is shown once, and again only for more than it allowed", async () => {
    const voucher = await voucherOf(3_000n);
    const first = await prepare({ releases: 0, amount: 980n, fee: 20n, voucher });
    expect(shows(first)).toBe(true);
    await land(first);
    expect(await world.client.readEscrow(escrow)).toMatchObject({ paid: 1_000n, allowed: 3_000n });

    const second = await prepare({ releases: 1, amount: 1_960n, fee: 40n, voucher });
    expect(shows(second)).toBe(false);
    await land(second);
    expect(await world.client.readEscrow(escrow)).toMatchObject({ paid: 3_000n, allowed: 3_000n });

    const refused = {
      code: "release_refused",
      message: expect.stringContaining("the client's voucher allows 3000"),
    };
    await expect(prepare({ releases: 2, amount: 1n, voucher })).rejects.toMatchObject(refused);
    const third = await prepare({ releases: 2, amount: 1n, voucher: await voucherOf(5_000n) });
    expect(shows(third)).toBe(true);
    await land(third);
    expect(await world.client.readEscrow(escrow)).toMatchObject({ paid: 3_001n, allowed: 5_000n });
  });

  it("may be missing where none is needed: what is paid then counts, the fee with it", async () => {
    await land(await prepare({ releases: 0, amount: 100n, voucher: await voucherOf(1_100n) }));
    expect(shows(await prepare({ releases: 1, amount: 980n, fee: 20n, voucher: null }))).toBe(false);
    await expect(prepare({ releases: 1, amount: 981n, fee: 20n, voucher: null })).rejects.toMatchObject({
      code: "release_refused",
      message: "1101 would have been paid by then; without the client's voucher the escrow allows 1100",
    });
  });

  it("has to be for this escrow as it is open now, shown or not", async () => {
    const voucher = await voucherOf(5_000n);
    await land(await prepare({ releases: 0, amount: 100n, voucher }));
    const earlier = { ...voucher, opened_slot: voucher.opened_slot - 1n };
    const elsewhere = { ...voucher, escrow: payee };
    for (const wrong of [earlier, elsewhere])
      await expect(prepare({ releases: 1, amount: 1n, voucher: wrong })).rejects.toMatchObject({
        code: "voucher_invalid",
      });
  });

  it("is not shown by the client, whatever it releases", async () => {
    const voucher = await voucherOf(100n);
    expect(shows(await prepare({ releases: 0, amount: 6_000n, voucher, authority: client }))).toBe(false);
  });

  it("that an endpoint's lie left out is missed by the program, and the payment happens once all the same", async () => {
    const voucher = await voucherOf(5_000n);
    const before = await world.balance(payee);
    const payment = { releases: 0, amount: 2_500n, voucher };
    const bare = await prepare(payment, createEscrowClient(world.settings, worldThatAllows(AMOUNT_MAX)));
    expect(shows(bare)).toBe(false);
    expect(await world.client.advance(bare)).toMatchObject({
      state: "unknown",
      refusal: expect.stringContaining("voucher"),
    });
    const anew = await prepare(payment);
    expect(shows(anew)).toBe(true);
    await land(anew);
    // The first could still be sent, and would be within what is allowed by now; its number is taken.
    expect(await world.client.advance(bare)).toMatchObject({
      state: "unknown",
      refusal: expect.stringContaining("sequence"),
    });
    expect(await world.balance(payee)).toBe(before + 2_500n);
  });
});

const AccountsAnswer = z.looseObject({
  result: z.looseObject({
    value: z.array(z.looseObject({ data: z.tuple([z.base64(), z.literal("base64")]) })),
  }),
});

/** An endpoint that says of every escrow that so much is allowed. */
const worldThatAllows = (allowed: bigint) => ({
  fetch: async (url: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(url, init);
    const answer: unknown = await response.json();
    const accounts = AccountsAnswer.safeParse(answer).data;
    for (const { data } of accounts?.result.value ?? []) {
      const bytes = base64.decode(data[0]);
      new DataView(bytes.buffer).setBigUint64(240, allowed, true);
      data[0] = base64.encode(bytes);
    }
    return Response.json(accounts ?? answer);
  },
  sleep: async () => {},
  now_ms: () => Date.now(),
  random: () => 0.5,
});
