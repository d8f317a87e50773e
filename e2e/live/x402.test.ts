import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderAddress } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { Signer } from "@infernet/escrow/client/signer";
import { Account } from "@infernet/schemas/account";
import { Job } from "@infernet/schemas/job";
import { Problem } from "@infernet/schemas/problem";
import { PaymentPayload, PaymentRequired, PaymentResponse } from "@infernet/schemas/x402";
import { createKeyPairSignerFromPrivateKeyBytes } from "@solana/kit";
import { wrapFetchWithPayment, x402Client } from "@x402/fetch";
import { ExactSvmScheme } from "@x402/svm/exact/client";
import { findIdentity } from "infernet-runner/identity/identity";
import { createHttpEdgeClient } from "infernet-runner/transport/http-edge-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { ChainProcess } from "../chain/chain-process.ts";
import { bond, walletOf } from "../chain/escrow.ts";
import { startSettlementChain } from "../chain/settlement-chain.ts";
import { createWallet, fundWallet, readTokens } from "../chain/wallet.ts";
import { ApiClient } from "../network/api-client.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { stopAll } from "../network/stop-all.ts";
import { until } from "../network/until.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const NETWORK = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1";
const PRICE = 2_500_000n;
const WALLET = 20_000_000n;
const BOND = 1_000_000n;

const environment: Record<string, string> = {
  PRICE_MICRO_PER_CORE_HOUR: "0",
  PRICE_MICRO_PER_JOB: PRICE.toString(),
  HOLD_MS: "1000",
  X402: "on",
};
let chain: ChainProcess;
let escrows: EscrowClient;
let aggregator: Signer;
let runner: RunnerProcess;

beforeAll(async () => {
  const settlement = await startSettlementChain();
  ({ chain, escrows, aggregator } = settlement);
  Object.assign(environment, settlement.environment);
});
afterAll(() => stopAll([chain.process]));
const live = useEdge(environment);
beforeAll(async () => {
  await uploadTinyModel(live.client);
  runner = await live.addRunner("worker");
  const provider = await walletOf(runner);
  await fundWallet(chain, provider.address, BOND);
  await bond(escrows, chain, { provider, amount: BOND, payout: provider.address });
});

const Minted = z.object({ mint: z.string() });

interface Buyer {
  seed: Buffer;
  address: string;
  /** The unchanged client, over a fetch of the test's. */
  pay: (by: typeof fetch) => typeof fetch;
  tokens: () => Promise<bigint>;
}

async function createBuyer(): Promise<Buyer> {
  const seed = randomBytes(32);
  const { address } = await createWallet(chain, WALLET, seed);
  const scheme = new ExactSvmScheme(await createKeyPairSignerFromPrivateKeyBytes(seed), {
    rpcUrl: chain.url,
  });
  return {
    seed,
    address,
    pay: (by) =>
      wrapFetchWithPayment(
        by,
        x402Client.fromConfig({
          schemes: [{ network: NETWORK, client: scheme }],
          spendControls: { allowedAssets: true },
        }),
      ),
    tokens: () => readTokens(escrows, chain, address),
  };
}

const post = (rows = 2): [string, RequestInit] => [
  `${live.edge.url}/jobs`,
  {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(tinyJob(rows)),
  },
];

const decode = (header: string | null): unknown =>
  JSON.parse(Buffer.from(header ?? "", "base64").toString("utf8"));
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

/** A fetch that keeps the paid request, and does with it what it is told. */
function capture(answer: (request: Request) => Promise<Response>) {
  const kept: { payment: string | null } = { payment: null };
  const by: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const payment = request.headers.get("PAYMENT-SIGNATURE");
    if (payment === null) return fetch(request);
    kept.payment = payment;
    return answer(request);
  };
  return { by, kept };
}

/** The request again, with the payment that was signed for it. */
function repeat(payment: string | null, [url, init] = post()): Promise<Response> {
  const headers = { "Content-Type": "application/json", "PAYMENT-SIGNATURE": payment ?? "" };
  return fetch(url, { ...init, headers });
}

const readJob = async (answer: Response): Promise<Job> => Job.parse(await answer.json());

test("the example of docs/x402.md buys a job without an account and gets its result", async () => {
  const page = readFileSync(new URL("../../docs/x402.md", import.meta.url), "utf8");
  const [, example = ""] = /^```js\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const buyer = await createBuyer();
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", example], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { EDGE: live.edge.url, NETWORK, RPC: chain.url, WALLET_SEED: buyer.seed.toString("base64") },
    encoding: "utf8",
  });
  expect(stderr).not.toMatch(/Error/);
  const { status, job, result } = JSON.parse(stdout);
  expect([status, job.state, job.price.unit]).toEqual([200, "succeeded", "usdc:solana"]);
  expect(JSON.stringify(result)).toContain('"shape":[1,3]');
  expect(await buyer.tokens()).toBe(WALLET - PRICE);
});

test("a request without a key is told what to pay, and a payment makes an account that sees its job alone", async () => {
  const [url, init] = post();
  const unpaid = await fetch(url, init);
  expect(unpaid.status).toBe(402);
  expect(Problem.parse(await unpaid.json()).code).toBe("payment_required");
  const [required] = PaymentRequired.parse(decode(unpaid.headers.get("PAYMENT-REQUIRED"))).accepts;
  expect(required).toMatchObject({
    network: NETWORK,
    asset: chain.mint,
    amount: PRICE.toString(),
    extra: { feePayer: aggregator.address },
  });

  const buyer = await createBuyer();
  const before = await readTokens(escrows, chain, required?.payTo ?? "");
  const answer = await buyer.pay(fetch)(url, init);
  expect(answer.status).toBe(202);
  const paid = PaymentResponse.parse(decode(answer.headers.get("PAYMENT-RESPONSE")));
  expect(paid).toMatchObject({ success: true, payer: buyer.address, amount: PRICE.toString() });
  const landed = await chain.call("getSignatureStatuses", [[paid.transaction]]);
  expect(landed).toMatchObject({ value: [{ err: null, confirmationStatus: "finalized" }] });
  expect(await readTokens(escrows, chain, required?.payTo ?? "")).toBe(before + PRICE);

  const job = await readJob(answer);
  const client = new ApiClient(live.edge.url, answer.headers.get("Infernet-Api-Key") ?? "");
  await until("its end", async () => ((await client.getJob(job.id)).state === "succeeded" ? true : null));
  expect((await client.getResult(job.id))[0]?.shape).toEqual([2, 3]);
  const account = async () => Account.parse((await client.send("GET", "/account")).body);
  await until("what it has spent", async () =>
    (await account()).spent[0]?.micro === job.price.quoted_micro ? true : null,
  );
  // The house escrow holds what others have paid too: looking for deposits makes nobody richer.
  expect((await client.send("GET", "/account/escrows")).body).toEqual({ data: [] });
  expect((await account()).balances).toMatchObject([{ escrow: required?.payTo, available_micro: "0" }]);
});

test("a buyer who never got the answer repeats the request, has one job, and is charged once", async () => {
  const buyer = await createBuyer();
  const { by, kept } = capture(async (request) => {
    await (await fetch(request)).arrayBuffer();
    throw new TypeError("the answer is lost");
  });
  await expect(buyer.pay(by)(...post())).rejects.toThrow("the answer is lost");
  const answers = await Promise.all([repeat(kept.payment), repeat(kept.payment)]);
  const again = await repeat(kept.payment);
  const jobs = await Promise.all([...answers, again].map(readJob));
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await buyer.tokens()).toBe(WALLET - PRICE);
});

test("an edge that is killed while a buyer pays goes on with the payment, and charges once", async () => {
  const buyer = await createBuyer();
  for (const delay_ms of [40, 400]) {
    const before = await buyer.tokens();
    const { by, kept } = capture(async (request) => {
      const answer = fetch(request);
      answer.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, delay_ms));
      await live.edge.program.kill();
      return answer;
    });
    const first = await buyer
      .pay(by)(...post(3))
      .catch(() => null);
    await live.restartEdge();
    const answer = await until("the job", async () => {
      const repeated = await repeat(kept.payment, post(3));
      return repeated.status === 202 ? repeated : null;
    });
    const job = await readJob(answer);
    if (first?.status === 202) expect((await readJob(first)).id).toBe(job.id);
    expect((await readJob(await repeat(kept.payment, post(3)))).id).toBe(job.id);
    expect(before - (await buyer.tokens())).toBe(PRICE);
  }
});

test("a payment pays for one request: not for another body, and not for who read it off the chain", async () => {
  const buyer = await createBuyer();
  const { by, kept } = capture((request) => fetch(request));
  const answer = await buyer.pay(by)(...post());
  expect(answer.status).toBe(202);
  const other = await repeat(kept.payment, post(5));
  expect(other.headers.get("Infernet-Api-Key")).toBeNull();
  expect(Problem.parse(await other.json()).code).toBe("idempotency_mismatch");
  const payload = PaymentPayload.parse(decode(kept.payment));
  payload.accepted.extra.claim = "A".repeat(22);
  const thief = await repeat(encode(payload));
  expect(thief.headers.get("Infernet-Api-Key")).toBeNull();
  expect(Problem.parse(await thief.json()).code).toBe("idempotency_mismatch");
  expect(await buyer.tokens()).toBe(WALLET - PRICE);
});

test("a payment of too little, in another coin, to somebody else, or from an empty wallet is refused and charges nothing", async () => {
  const buyer = await createBuyer();
  const { mint } = Minted.parse(await chain.call("devchain_createMint", [{ decimals: 6 }]));
  await chain.call("devchain_mint", [{ mint, owner: buyer.address, amount: WALLET.toString() }]);
  const elsewhere = renderAddress(new Uint8Array(32).fill(9));
  const asking =
    (changes: object): typeof fetch =>
    async (input, init) => {
      const request = new Request(input, init);
      const answer = await fetch(request);
      const header = answer.headers.get("PAYMENT-REQUIRED");
      if (header === null || request.headers.has("PAYMENT-SIGNATURE")) return answer;
      const required = PaymentRequired.parse(decode(header));
      const accepts = required.accepts.map((one) => ({ ...one, ...changes }));
      const headers = new Headers(answer.headers);
      headers.set("PAYMENT-REQUIRED", encode({ ...required, accepts }));
      return new Response(answer.body, { status: answer.status, headers });
    };
  const attempts: [object, RegExp][] = [
    [{ amount: (PRICE - 1n).toString() }, /pays 2499999; the job costs up to 2500000/],
    [{ asset: mint }, /it pays in/],
    [{ payTo: elsewhere }, /it accepts/],
    [{ amount: (WALLET + 1n).toString() }, /holds 20000000/],
  ];
  for (const [changes, fault] of attempts) {
    const answer = await buyer.pay(asking(changes))(...post());
    expect(answer.status).toBe(402);
    const problem = Problem.parse(await answer.json());
    expect(problem).toMatchObject({ code: "payment_required", detail: expect.stringMatching(fault) });
    expect(answer.headers.has("PAYMENT-REQUIRED")).toBe(true);
  }
  expect(await buyer.tokens()).toBe(WALLET);
});

test("a bonded provider is paid on the chain from what buyers paid into the house escrow", async () => {
  const edge = createHttpEdgeClient({ edge: live.edge.url, identity: await findIdentity(runner.home) });
  const paid = await until("all earnings to be paid", async () => {
    const { sums } = await edge.getEarnings({ limit: 1 }, AbortSignal.timeout(5_000));
    const [sum] = sums;
    return sum?.held_micro === "0" && sum.payable_micro === "0" && sum.ordered_micro === "0" ? sum : null;
  });
  expect(BigInt(paid.paid_micro)).toBeGreaterThanOrEqual(PRICE);
  const { address } = await walletOf(runner);
  expect(await readTokens(escrows, chain, address)).toBe(BigInt(paid.paid_micro));
});
