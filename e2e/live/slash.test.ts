import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Address, renderAddress } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { Signer } from "@infernet/escrow/client/signer";
import { publicKeyOf } from "@infernet/schemas/ids";
import { type Lease, rowsIn, type ShardDone } from "@infernet/schemas/runner";
import type { TreasurySlashing } from "@infernet/schemas/slashing";
import type { Tensor } from "@infernet/schemas/tensor";
import { Treasury } from "@infernet/schemas/treasury";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { ChainProcess } from "../chain/chain-process.ts";
import { bond } from "../chain/escrow.ts";
import { type SettlementChain, startSettlementChain } from "../chain/settlement-chain.ts";
import { fundWallet, readTokens } from "../chain/wallet.ts";
import { TINY_SHAPE } from "../fixtures/onnx-model.ts";
import { createAccount } from "../network/account.ts";
import { ApiClient } from "../network/api-client.ts";
import { Cleanup } from "../network/cleanup.ts";
import { type EdgeProcess, startEdge } from "../network/edge-process.ts";
import { createHandRunner, type HandRunner } from "../network/hand-runner.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import { until } from "../network/until.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";

/** What becomes of a stake whose owner signs two answers to one lease: over real processes and a chain. */

const BOND = 1_000_001n;
const PATIENCE_MS = 45_000;
const RUNNER = fileURLToPath(import.meta.resolve("infernet-runner/main"));

const cleanup = new Cleanup();
let folder: string;
let settlement: SettlementChain;
let chain: ChainProcess;
let escrows: EscrowClient;
let aggregator: Signer;
let edge: EdgeProcess;
let client: ApiClient;

async function launch(port?: number): Promise<EdgeProcess> {
  const { environment } = settlement;
  const started = await startEdge({ state: join(folder, "edge"), environment, ...(port ? { port } : {}) });
  cleanup.add(started.program.kill);
  return started;
}

beforeAll(async () => {
  const temp = createTempFolder();
  cleanup.add(temp.remove);
  folder = temp.path;
  settlement = await startSettlementChain();
  ({ chain, escrows, aggregator } = settlement);
  cleanup.add(chain.process.kill);
  edge = await launch();
  client = await createAccount(edge, "slash tests");
  await uploadTinyModel(client);
});
afterAll(() => cleanup.run());

const addressOf = ({ id }: HandRunner): Address => renderAddress(publicKeyOf(id));

async function stake(runner: HandRunner): Promise<void> {
  const { identity } = runner.committer;
  const provider: Signer = { address: addressOf(runner), sign: async (message) => identity.sign(message) };
  await fundWallet(chain, provider.address, BOND);
  await bond(escrows, chain, { provider, amount: BOND, payout: provider.address });
}

/** Outputs of the right shape for a lease, all of one value. */
function outputs(lease: Lease, value: number): Tensor[] {
  const rows = rowsIn(lease.rows);
  const data = new Uint8Array(new Float32Array(rows * TINY_SHAPE.outputs).fill(value).buffer);
  return [{ name: "y", datatype: "FP32", shape: [rows, TINY_SHAPE.outputs], data }];
}

async function submit({ edge, signal }: HandRunner, result: ShardDone): Promise<string[]> {
  const { receipts } = await edge.submit({ results: [result] }, signal);
  return receipts.map(({ status }) => status);
}

const Supply = z.object({ value: z.object({ amount: z.string().transform(BigInt) }) });
const supply = async (): Promise<bigint> =>
  Supply.parse(await chain.call("getTokenSupply", [chain.mint])).value.amount;

async function slashings(): Promise<TreasurySlashing[]> {
  const { body } = await new ApiClient(edge.url, edge.operatorKey).send("GET", "/treasury");
  const { data } = z.object({ data: z.array(Treasury) }).parse(body);
  return data.flatMap((treasury) => treasury.slashings);
}

const settled = (what: string): Promise<TreasurySlashing[]> =>
  until(
    what,
    async () => {
      const found = await slashings().catch(() => []);
      return found.length > 0 && found.every(({ state }) => state !== "open") ? found : null;
    },
    PATIENCE_MS,
  );

test("a runner that answers a lease twice with two roots is convicted, banned, and loses its bond on the chain", async () => {
  const liar = await createHandRunner(edge.url);
  await stake(liar);
  const before = { supply: await supply(), reporter: await readTokens(escrows, chain, aggregator.address) };
  const job = await client.createJob(tinyJob(4, { shard_rows: 2 }));
  const lease = await liar.lease(job.id);
  const first = liar.done(lease, outputs(lease, 0));
  expect(await submit(liar, first)).toEqual(["accepted"]);
  expect(await submit(liar, first)).toEqual(["duplicate"]);
  expect(await submit(liar, liar.done(lease, outputs(lease, 1)))).toEqual(["duplicate"]);
  // Whatever it was doing about it, it goes on with.
  await edge.program.kill();
  edge = await launch(edge.port);

  const provider = await until("the ban", async () => {
    const found = await client.getProvider(liar.id);
    return found.ban === null ? null : found;
  });
  expect(provider.ban).toMatchObject({ reason: "contradiction", detail: expect.stringContaining(job.id) });

  const [slashing, ...others] = await settled("the slashing");
  expect(others).toEqual([]);
  expect(slashing).toMatchObject({
    ...{ state: "slashed", provider: liar.id, job_id: job.id, amount_micro: BOND.toString(), detail: null },
  });
  expect(slashing?.reference).toMatch(/^[1-9A-HJ-NP-Za-km-z]{60,90}$/);
  await expect(escrows.readBond(addressOf(liar), chain.mint)).rejects.toMatchObject({
    code: "account_missing",
  });
  const gained = (await readTokens(escrows, chain, aggregator.address)) - before.reporter;
  const burned = before.supply - (await supply());
  expect(gained + burned).toBe(BOND);
  expect([gained, burned].sort()).toEqual([500_000n, 500_001n]);

  const honest = await createHandRunner(edge.url);
  for (const _ of [0, 1]) {
    const given = await honest.lease(job.id);
    expect(await submit(honest, honest.done(given, outputs(given, 0)))).toEqual(["accepted"]);
  }
  const done = await until("the job's end", async () => {
    const read = await client.getJob(job.id);
    return read.state === "succeeded" ? read : null;
  });
  expect(done.providers.find(({ id }) => id === liar.id)?.convicted).toBe(true);

  const file = join(folder, "receipt.json");
  writeFileSync(file, await client.getReceipt(job.id));
  const { status, stdout } = spawnSync(process.execPath, [RUNNER, "verify", file], { encoding: "utf8" });
  expect(stdout).toContain(`${liar.id}: it signed two answers for shard ${lease.shard} under one lease`);
  expect(stdout).toContain("+ A runner signed two answers to one lease");
  expect(status).toBe(0);
}, 120_000);

test("without a bond there is nothing to slash, and a contradiction that comes after the job's end counts as well", async () => {
  const known = await slashings();
  const poor = await createHandRunner(edge.url);
  const job = await client.createJob(tinyJob(2));
  const lease = await poor.lease(job.id);
  expect(await submit(poor, poor.done(lease, outputs(lease, 0)))).toEqual(["accepted"]);
  await until("the job's end", async () => {
    const { state } = await client.getJob(job.id);
    return state === "succeeded" ? true : null;
  });
  expect(await submit(poor, poor.done(lease, outputs(lease, 1)))).toEqual(["duplicate"]);
  const slashing = await until("the slashing", async () => {
    const found = (await slashings()).find(({ provider }) => provider === poor.id);
    return found === undefined || found.state === "open" ? null : found;
  });
  expect(slashing).toMatchObject({
    ...{ state: "nothing_to_slash", job_id: job.id, amount_micro: null, reference: null },
  });
  expect(await slashings()).toHaveLength(known.length + 1);
  expect((await client.getProvider(poor.id)).ban).toBeNull();
}, 60_000);
