import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { addressBytes, renderAddress } from "@infernet/escrow/client/address";
import { deriveEscrow } from "@infernet/escrow/client/derive-addresses";
import { startTestChain, type TestChain } from "@infernet/escrow/client/testing/devnet";
import { payeeRoot, payeeTree } from "@infernet/escrow/solana/layout";
import { publicKeyOf } from "@infernet/schemas/ids";
import { SolanaAddress } from "@infernet/schemas/solana";
import {
  createIdentity,
  type Identity,
  loadClientIdentity,
  loadIdentity,
} from "infernet-runner/identity/identity";
import { callProvider, type DirectJob } from "infernet-runner/p2p/jobs/call-provider";
import { createEscrowDesk } from "infernet-runner/p2p/jobs/payment/escrow-desk";
import { openEscrowPayer } from "infernet-runner/p2p/jobs/payment/escrow-payer";
import { redeemVoucher } from "infernet-runner/p2p/jobs/payment/redeem-vouchers";
import { solanaSigner } from "infernet-runner/p2p/jobs/payment/solana-signer";
import { VoucherBook } from "infernet-runner/p2p/jobs/payment/voucher-book";
import { serveDirectJobs } from "infernet-runner/p2p/jobs/serve-direct-jobs";
import { createEchoDeps, rowsOf } from "infernet-runner/p2p/jobs/testing/echo-provider";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import type { PeerNode } from "infernet-runner/p2p/node/peer-node";
import { PROTOCOLS } from "infernet-runner/p2p/protocols";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Cleanup } from "../network/cleanup.ts";
import { createTempFolder } from "../network/temp-folder.ts";

/** Direct jobs that are paid by vouchers, on the program in the real virtual machine. */

const RUNNER = fileURLToPath(import.meta.resolve("infernet-runner/main"));
const NEVER = new AbortController().signal;
const DAY_S = 86_400;
/** Two rows of 3.6 s at 500 micro-units an hour, rounded up. */
const PRICE = 1n;
const PATIENCE_MS = 20_000;

const cleanup = new Cleanup();
let world: TestChain;
let folder: string;
let client: Identity;
let provider: Identity;
let clientNode: PeerNode;
let providerNode: PeerNode;
let escrows = 0;

const addressOf = ({ id }: Identity) => renderAddress(publicKeyOf(id));

async function open(
  identity: Identity,
  listen: string[],
  bootstrap: PeerNode["addresses"],
): Promise<PeerNode> {
  const node = await createPeerNode({ identity, listen, bootstrap });
  cleanup.add(() => node.stop());
  return node;
}

beforeAll(async () => {
  const temp = createTempFolder();
  cleanup.add(temp.remove);
  folder = temp.path;
  world = await startTestChain();
  cleanup.add(() => world.chain.close());
  client = await loadClientIdentity(join(folder, "person"));
  provider = await loadIdentity(join(folder, "machine"));
  for (const identity of [client, provider]) {
    await world.chain.airdrop(addressOf(identity), 1_000_000_000n);
    await world.chain.mint(world.mint, addressOf(identity), identity === client ? 1_000n : 0n);
  }
  providerNode = await open(provider, ["/ip4/127.0.0.1/tcp/0"], []);
  clientNode = await open(client, [], providerNode.addresses);
});
afterEach(() => providerNode.libp2p.unhandle(PROTOCOLS.job));
afterAll(() => cleanup.run());

/** An escrow of the client's for this provider, or another one. */
async function openEscrow(
  amount: bigint,
  aggregator = provider,
  seconds = 7 * DAY_S,
): Promise<SolanaAddress> {
  escrows += 1;
  const id = new Uint8Array(32).fill(escrows);
  const owner = addressOf(aggregator);
  const opening = await world.client.prepareOpen(
    {
      client: solanaSigner(client),
      mint: world.mint,
      aggregator: owner,
      id,
      fee_bps: 0,
      payees: { kind: "committed", root: payeeRoot(payeeTree([addressBytes(owner)])) },
      deadline: world.inSeconds(seconds),
      amount,
    },
    { fee_payer: solanaSigner(client) },
  );
  const outcome = await world.client.settle(opening, { patience_ms: PATIENCE_MS, step_ms: 20 });
  expect(outcome.state).toBe("landed");
  return SolanaAddress.parse(deriveEscrow(world.program, addressOf(client), id).address);
}

/** A provider over the same folder is the same provider, started again. */
async function serve(home: string): Promise<{ job: DirectJob; book: VoucherBook }> {
  await providerNode.libp2p.unhandle(PROTOCOLS.job);
  const deps = await createEchoDeps(home, provider);
  const book = await VoucherBook.open(join(home, "direct", "vouchers"));
  const mint = SolanaAddress.parse(world.mint);
  await serveDirectJobs(providerNode, {
    ...deps,
    policy: { payments: ["voucher"], allow: null },
    micro_per_core_hour: 500n,
    vouchers: createEscrowDesk({ reader: world.client, provider: provider.id, mint, book, now: Date.now }),
  });
  const { model, manifest } = deps;
  return { job: { model, manifest, inputs: rowsOf(1, 2, 3, 4), price_micro_max: "10" }, book };
}

const callWith = async (escrow: SolanaAddress, dir: string) => {
  const payer = await openEscrowPayer({ reader: world.client, escrow, identity: client, dir });
  return callProvider(clientNode, { identity: client, provider: provider.id, payer });
};

test("jobs are paid by vouchers that grow by their prices, and the provider redeems them with its own key", async () => {
  const home = join(folder, "paid");
  const { job, book } = await serve(home);
  const escrow = await openEscrow(5n);
  const line = await callWith(escrow, join(home, "client"));
  const ask = async () => line.ask(await line.offer(job), job, NEVER);
  const first = await ask();
  expect(first.receipt.receipt).toMatchObject({
    price_micro: PRICE.toString(),
    paid: { kind: "voucher", escrow, limit_micro: "1" },
  });
  await Promise.all([ask(), ask()]);
  expect(book.all).toMatchObject([{ escrow, promised_micro: "3", limit_micro: "3" }]);

  const options = {
    escrows: world.client,
    identity: provider,
    dir: join(home, "releases"),
    patience_ms: PATIENCE_MS,
  };
  const [owed] = book.all;
  if (owed === undefined) throw new Error("nothing is owed");
  expect(await redeemVoucher(options, owed)).toMatchObject({ state: "landed", amount_micro: "3" });
  expect(await world.balance(addressOf(provider))).toBe(3n);
  expect(await redeemVoucher(options, owed)).toMatchObject({ state: "nothing" });

  // What was released already counts: the next voucher goes on from there, until the deposit is used up.
  const again = await serve(home);
  expect(again.book.all).toEqual(book.all);
  await ask();
  await ask();
  await expect(ask()).rejects.toMatchObject({
    code: "payment_invalid",
    message: "6 would be promised by then; the escrow has had 5 in all",
  });
});

test("an answer that was kept when the provider died is counted once, whether its voucher was or not", async () => {
  const home = join(folder, "died");
  const { job } = await serve(home);
  const escrow = await openEscrow(5n);
  const line = await callWith(escrow, join(home, "client"));
  const signed = await line.offer(job);
  const { receipt } = await line.ask(signed, job, NEVER);
  // As it is when it dies between the two files: the job is there, and not what it is owed for.
  const before = await VoucherBook.open(join(home, "nothing"));
  expect(before.all).toEqual([]);
  await rm(join(home, "direct", "vouchers"), { recursive: true });
  const { book } = await serve(home);
  expect(book.all).toMatchObject([{ escrow, promised_micro: "1" }]);
  expect((await line.ask(signed, job, NEVER)).receipt).toEqual(receipt);
  expect(book.all).toMatchObject([{ promised_micro: "1" }]);
});

test("an escrow that cannot pay this provider is refused with what it must be", async () => {
  const home = join(folder, "refused");
  const { job } = await serve(home);
  const refusalOf = async (escrow: SolanaAddress): Promise<string> => {
    const line = await callWith(escrow, join(home, "client"));
    return line.ask(await line.offer(job), job, NEVER).then(
      () => "done",
      ({ code, message }) => `${code}: ${message}`,
    );
  };
  const other = createIdentity();
  const foreign = await openEscrow(5n, other);
  expect(await refusalOf(foreign)).toBe(
    `payment_invalid: the escrow ${foreign} names the aggregator ${addressOf(other)}; it must name ${addressOf(provider)}`,
  );
  const brief = await openEscrow(5n, provider, DAY_S / 2);
  expect(await refusalOf(brief)).toMatch(
    /^payment_invalid: the escrow \w+ lasts 43\d{3} s; at least 86400 are needed$/,
  );
  const empty = await openEscrow(0n);
  expect(await refusalOf(empty)).toBe(
    "payment_invalid: 1 would be promised by then; the escrow has had 0 in all",
  );
});

test("a person pays by an escrow, and the machine's owner redeems, each by one command", async () => {
  const { job } = await serve(join(folder, "machine"));
  const escrow = await openEscrow(5n);
  const at = (name: string): string => join(folder, name);
  await writeFile(at("manifest.json"), JSON.stringify(job.manifest));
  await writeFile(at("rows.json"), "[[1, 2], [3, 4]]");
  const [endpoint] = world.settings.endpoints;
  const env = {
    ...process.env,
    INFERNET_ESCROW_ENDPOINTS: endpoint,
    INFERNET_ESCROW_GENESIS_HASH: world.settings.genesis_hash,
    INFERNET_ESCROW_PROGRAM: world.program,
    INFERNET_ESCROW_MINT: world.mint,
  };
  const cli = (...args: string[]) =>
    promisify(execFile)(process.execPath, [RUNNER, ...args, "--json"], { env });
  const { stdout } = await cli(
    ...["run", "--model", at("manifest.json"), "--input", at("rows.json"), "--home", at("person")],
    ...["--direct", providerNode.addresses[0] ?? "", "--escrow", escrow, "--offer", "10"],
  );
  expect(JSON.parse(stdout)).toMatchObject({ provider: provider.id, price_micro: PRICE.toString() });
  const before = await world.balance(addressOf(provider));
  const redeemed = await cli("redeem", "--home", at("machine"));
  expect(JSON.parse(redeemed.stdout)).toMatchObject({
    data: [{ escrow, state: "landed", amount_micro: PRICE.toString() }],
  });
  expect(await world.balance(addressOf(provider))).toBe(before + PRICE);
});

test("a client signs no voucher beyond the prices of its own jobs", async () => {
  const escrow = await openEscrow(5n);
  const dir = join(folder, "careful");
  const payer = await openEscrowPayer({ reader: world.client, escrow, identity: client, dir });
  const { offer } = await callProvider(clientNode, { identity: client, provider: provider.id, payer }).offer({
    ...(await serve(join(folder, "careful-provider"))).job,
  });
  await expect(payer.pay(offer.id, PRICE as never, 2n)).rejects.toMatchObject({
    kind: "wrong",
    message: `the provider asks for a voucher of 2; with this job 1 are promised on ${escrow}`,
  });
  const voucher = await payer.pay(offer.id, PRICE as never, 1n);
  // Started anew, it gives the same one.
  const again = await openEscrowPayer({ reader: world.client, escrow, identity: client, dir });
  expect(await again.pay(offer.id, PRICE as never, 1n)).toBe(voucher);
});
