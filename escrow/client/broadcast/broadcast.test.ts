import { seededRandom } from "@infernet/schemas/seeded-random";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FaultChoices } from "../../devchain/faults/parse-fault-plan.ts";
import { payeeRoot, payeeTree } from "../../solana/layout.ts";
import { type Address, addressBytes } from "../address.ts";
import { createEscrowClient } from "../create-escrow-client.ts";
import { deriveEscrow } from "../derive-addresses.ts";
import type { EscrowClient } from "../escrow-client.ts";
import { EscrowError } from "../escrow-error.ts";
import type { Signer } from "../signer.ts";
import { startTestChain, type TestChain } from "../testing/devnet.ts";
import { type RpcStub, startRpcStub } from "../testing/rpc-server.ts";
import { plainAddress } from "../testing/seeds.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import type { BroadcastOutcome } from "./broadcast-outcome.ts";

let world: TestChain;
let payer: Signer;
let payees = 50;
beforeAll(async () => {
  world = await startTestChain();
  payer = await world.person(1, 1_000_000n);
});
beforeEach(() => world.chain.setFaults({}));
afterAll(() => world.chain.close());

const SHARE = 100n;

/** An escrow, and one payment to be made from it to somebody new. */
async function openPayment() {
  payees += 1;
  const payee = (await world.person(payees)).address;
  const id = new Uint8Array(32).fill(payees);
  const opening = await world.client.prepareOpen(
    {
      client: payer,
      mint: world.mint,
      aggregator: payer.address,
      id,
      fee_bps: 0,
      payees: { kind: "committed", root: payeeRoot(payeeTree([addressBytes(payee)])) },
      deadline: world.inSeconds(80 * 86_400),
      amount: 10n * SHARE,
    },
    { fee_payer: payer },
  );
  await world.client.settle(opening, { patience_ms: 20_000, step_ms: 20 });
  return { payee, escrow: deriveEscrow(world.program, payer.address, id).address };
}

const sign = (
  escrow: Address,
  payee: Address,
  client = world.client,
  unit_limit = 100_000,
): Promise<SignedTransaction> =>
  client.prepareRelease(
    {
      escrow,
      authority: payer,
      voucher: null,
      releases: 0,
      fee: 0n,
      shares: { kind: "committed", owners: [payee], shares: [{ index: 0, amount: SHARE }] },
    },
    { fee_payer: payer, unit_limit },
  );

const settle = (transaction: SignedTransaction): Promise<BroadcastOutcome> =>
  world.client.settle(transaction, { patience_ms: 20_000, step_ms: 20 });

describe("a release that is sent", () => {
  it("is unknown while it is dropped, and lands by the same bytes later", async () => {
    const { payee, escrow } = await openPayment();
    const release = await sign(escrow, payee);
    world.chain.setFaults({ drop_share: 1 });
    for (let i = 0; i < 3; i += 1)
      expect(await world.client.advance(release)).toEqual({ state: "unknown", refusal: null });
    expect(await world.balance(payee)).toBe(0n);
    world.chain.setFaults({});
    expect(await settle(release)).toMatchObject({ state: "landed" });
    expect(await world.balance(payee)).toBe(SHARE);
  });

  it("is unknown when the answer is lost, and has landed all the same", async () => {
    const { payee, escrow } = await openPayment();
    const release = await sign(escrow, payee);
    world.chain.setFaults({ calls: [{ method: "sendTransaction", share: 1, kind: "answer_lost" }] });
    expect(await world.client.advance(release)).toMatchObject({
      state: "unknown",
      refusal: expect.stringContaining("no connection"),
    });
    expect(await settle(release)).toMatchObject({ state: "landed" });
    expect(await world.balance(payee)).toBe(SHARE);
  });

  it("is unknown while nobody answers at all", async () => {
    const { payee, escrow } = await openPayment();
    const release = await sign(escrow, payee);
    world.chain.setFaults({ calls: [{ method: "*", share: 1, kind: "http_500" }] });
    expect(await world.client.advance(release)).toMatchObject({ state: "unknown" });
    world.chain.setFaults({});
    expect(await settle(release)).toMatchObject({ state: "landed" });
  });

  it("has expired only when no block can hold it, and may then be signed again", async () => {
    const { payee, escrow } = await openPayment();
    const first = await sign(escrow, payee);
    world.chain.setFaults({ drop_share: 1 });
    expect(await world.client.advance(first)).toMatchObject({ state: "unknown" });
    world.chain.warp(90);
    expect(await world.client.advance(first)).toEqual({ state: "expired" });
    world.chain.setFaults({});
    expect(await settle(await sign(escrow, payee))).toMatchObject({ state: "landed" });
    expect(await world.balance(payee)).toBe(SHARE);
  });

  it("is seen before it is final, and stays open until then", async () => {
    const slow = await startTestChain({ slot_ms: 50, lags: { confirmed: 4, finalized: 12 } });
    try {
      const person = await slow.person(3);
      const transaction = await slow.sign([], person);
      const states = new Set<string>();
      for (let i = 0; i < 200 && !states.has("landed"); i += 1) {
        const outcome = await slow.client.advance(transaction);
        states.add(outcome.state === "seen" ? outcome.commitment : outcome.state);
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
      expect([...states]).toEqual(["unknown", "processed", "confirmed", "landed"]);
    } finally {
      await slow.chain.close();
    }
  });

  it("has failed for good when it lands behind another of its number", async () => {
    const { payee, escrow } = await openPayment();
    const first = await sign(escrow, payee);
    const second = await sign(escrow, payee, world.client, 90_000);
    world.chain.setFaults({ delay_slots: 10 });
    for (const release of [first, second])
      expect(await world.client.advance(release)).toEqual({ state: "unknown", refusal: null });
    expect(await settle(first)).toMatchObject({ state: "landed" });
    expect(await settle(second)).toMatchObject({
      state: "failed",
      failure: { text: "instruction 1 failed: sequence", program_error: "sequence" },
    });
    expect(await world.balance(payee)).toBe(SHARE);
  });

  it("is paid once even when an endpoint hides that it landed, and it is signed twice", async () => {
    const { payee, escrow } = await openPayment();
    const first = await sign(escrow, payee);
    const second = await sign(escrow, payee, world.client, 90_000);
    world.chain.setFaults({ hide_status_polls: 1_000 });
    for (const transaction of [first, second]) await world.client.advance(transaction);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await world.balance(payee)).toBe(SHARE);
    await expect(sign(escrow, payee)).rejects.toMatchObject({ code: "release_superseded" });
  });
});

/** Everything at once; what differs is the dice. */
const storm = (seed: number): FaultChoices => ({
  seed,
  drop_share: 0.6,
  delay_slots: 2,
  hide_status_polls: 2,
  latency_ms: { min: 0, max: 5 },
  calls: [
    { method: "sendTransaction", share: 0.25, kind: "answer_lost" },
    { method: "sendTransaction", share: 0.15, kind: "reset" },
    { method: "getSignatureStatuses", share: 0.2, kind: "http_500" },
    { method: "getLatestBlockhash", share: 0.2, kind: "http_429" },
    { method: "*", share: 0.1, kind: "node_behind" },
  ],
});

/** Pays by a sender that forgets all but what it stored after each step. @returns how often it signed */
async function payInStorm(seed: number, escrow: Address, payee: Address): Promise<number> {
  const random = seededRandom(seed);
  let stored: SignedTransaction | null = null;
  let signings = 0;
  for (let step = 0; step < 400; step += 1) {
    const client: EscrowClient = createEscrowClient(world.settings, calm());
    try {
      if (stored === null) {
        stored = await sign(escrow, payee, client);
        signings += 1;
      }
      const outcome: BroadcastOutcome = await client.advance(stored);
      if (outcome.state === "landed") return signings;
      if (outcome.state === "expired") stored = null;
    } catch (error) {
      if (!(error instanceof EscrowError)) throw error;
      // The status was hidden for so long that the release was to be signed again; it had happened.
      if (error.code === "release_superseded") return signings;
    }
    if (random() < 0.3) world.chain.warp(90);
  }
  throw new Error("the payment did not come to an end");
}

describe("payments in a storm", () => {
  it("are made exactly once, however often they were signed", async () => {
    const signings: number[] = [];
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const { payee, escrow } = await openPayment();
      world.chain.setFaults(storm(seed));
      signings.push(await payInStorm(seed, escrow, payee));
      world.chain.setFaults({});
      expect(await world.balance(payee), `seed ${seed}`).toBe(SHARE);
      const deposit = { escrow: { releases: 1 }, balance: 9n * SHARE };
      expect(await world.client.readDeposit(escrow), `seed ${seed}`).toMatchObject(deposit);
    }
    expect(Math.max(...signings)).toBeGreaterThan(1);
  });
});

/** The world without the pauses. */
const calm = () => ({
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  sleep: async () => undefined,
  now_ms: () => Date.now(),
  random: () => 0.5,
});

describe("two endpoints that are asked about a transaction", () => {
  const transaction: SignedTransaction = {
    signature: "1".repeat(64),
    raw: new Uint8Array(),
    last_valid_block_height: 100,
  };
  const status = (confirmationStatus: string) => ({
    slot: 90,
    confirmations: null,
    err: null,
    confirmationStatus,
  });

  async function outcomeOf(
    ...tell: { slot: number; height: number; status: unknown }[]
  ): Promise<BroadcastOutcome> {
    const stubs: RpcStub[] = [];
    for (const { slot, height, status } of tell)
      stubs.push(
        await startRpcStub((method) => {
          if (method === "getEpochInfo")
            return {
              result: { absoluteSlot: height, blockHeight: height, epoch: 0, slotIndex: 0, slotsInEpoch: 1 },
            };
          if (method === "getSignatureStatuses") return { result: { context: { slot }, value: [status] } };
          return { status: 500 };
        }),
      );
    try {
      const client = createEscrowClient(
        {
          ...world.settings,
          endpoints: stubs.map(({ url }) => url),
          program: plainAddress(1),
          cross_check: tell.length > 1,
          rounds_max: 1,
        },
        calm(),
      );
      return await client.advance(transaction);
    } finally {
      await Promise.all(stubs.map((stub) => stub.close()));
    }
  }

  it("end it together", async () => {
    const landed = { slot: 200, height: 150, status: status("finalized") };
    expect(await outcomeOf(landed, landed)).toEqual({ state: "landed", slot: 90 });
    const gone = { slot: 200, height: 150, status: null };
    expect(await outcomeOf(gone, gone)).toEqual({ state: "expired" });
  });

  it("leave it open while one lags", async () => {
    const landed = { slot: 200, height: 150, status: status("finalized") };
    const lagging = { slot: 91, height: 60, status: status("confirmed") };
    expect(await outcomeOf(landed, lagging)).toMatchObject({ state: "seen", commitment: "confirmed" });
  });

  it("are refused when one says that it landed and one that it never will", async () => {
    const landed = { slot: 200, height: 150, status: status("finalized") };
    const gone = { slot: 200, height: 150, status: null };
    await expect(outcomeOf(landed, gone)).rejects.toMatchObject({ code: "rpc_contradicts" });
  });

  it("have told nothing when a status is older than what was final", async () => {
    const torn = { slot: 149, height: 150, status: null };
    expect(await outcomeOf(torn)).toMatchObject({ state: "unknown" });
  });
});
