import { verifyReceipt } from "@infernet/protocol/receipt/verify-receipt";
import type { Bytes } from "@infernet/schemas/digest";
import { Job } from "@infernet/schemas/job";
import type { Model } from "@infernet/schemas/model";
import { SignedReceipt } from "@infernet/schemas/receipt";
import { type ClientKey, createClientKey } from "@infernet/schemas/sealing/client-key";
import { grantProvider } from "@infernet/schemas/sealing/grant-provider";
import { openResult } from "@infernet/schemas/sealing/open-result";
import { type SealedJob, sealJob } from "@infernet/schemas/sealing/seal-job";
import { seededRandom } from "@infernet/schemas/seeded-random";
import type { Tensor } from "@infernet/schemas/tensor";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import { buildSample } from "infernet-runner/engine/wasm/testing/build-sample";
import { afterAll, beforeAll, expect, test } from "vitest";
import { qlinearModel } from "../fixtures/numeric-models.ts";
import type { JobInput } from "../network/api-client.ts";
import { collectEvents } from "../network/follow-job.ts";
import { readFolder } from "../network/read-folder.ts";
import { type RecordingProxy, startRecordingProxy } from "../network/recording-proxy.ts";
import { type RunnerProcess, startRunner } from "../network/runner-process.ts";
import { uploadModel } from "../network/upload-model.ts";
import { useEdge } from "./use-edge.ts";

/** Jobs whose rows only the granted providers and the client can read: over real processes, all traffic recorded. */

const ROWS = 240;
const COLUMNS = 32;
const live = useEdge();
let proxy: RecordingProxy;
let runners: RunnerProcess[];
let model: Model;
let words: Model;
let key: ClientKey;

beforeAll(async () => {
  proxy = await startRecordingProxy(live.edge.port);
  // 8-bit integers throughout: honest machines give the same bits, so that sealed rows can be compared.
  model = await uploadModel(live.client, qlinearModel("qlinear", [COLUMNS, 64, 12], 7));
  words = await registerWords();
  runners = await Promise.all(["ada", "grace", "edsger"].map(addRunner));
  key = await createClientKey();
});
afterAll(async () => {
  for (const { program } of runners) await program.kill();
  await proxy.close();
});

/** A module that counts the words of texts, and gives them in capitals. */
async function registerWords(): Promise<Model> {
  const bytes = await buildSample("assemblyscript/words.ts");
  const file = { path: "words.wasm", sha256: await live.client.putBlob(bytes), bytes: bytes.length };
  return live.client.registerModel({
    manifest: {
      ...{ engine: "wasm", entry: file.path, files: [file] },
      inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
      outputs: [
        { name: "words", datatype: "INT32", shape: [null] },
        { name: "capitals", datatype: "BYTES", shape: [null] },
      ],
    },
  });
}

const addRunner = (name: string) => startRunner({ edgeUrl: proxy.url, name, folder: live.folder });

const random = seededRandom(11);
const tensor: Tensor = {
  name: "x",
  datatype: "FP32",
  shape: [ROWS, COLUMNS],
  data: new Uint8Array(Float32Array.from({ length: ROWS * COLUMNS }, () => 4 * random() - 2).buffer),
};

async function seal(
  providers: readonly RunnerProcess[],
  inputs: readonly Tensor[] = [tensor],
  { digest }: Model = model,
): Promise<SealedJob> {
  const shown = await Promise.all(providers.map(({ id }) => live.client.getProvider(id)));
  return sealJob({ model: digest, inputs, providers: shown, client_key: key.public_key });
}

async function runJob(input: JobInput): Promise<Job> {
  const { id } = await live.client.createJob({ shard_rows: 40, ...input });
  await collectEvents(live.client, id);
  return live.client.getJob(id);
}

async function upload({ blobs }: SealedJob): Promise<void> {
  for (const { bytes } of blobs) await live.client.putBlob(bytes);
}

async function readResult({ urls }: Job): Promise<Bytes> {
  const path = new URL(urls.result).pathname;
  const response = await live.client.fetch("GET", path, { headers: { Accept: "application/cbor" } });
  return new Uint8Array(await response.arrayBuffer());
}

const openOf = async (job: Job, { sealing_id }: SealedJob): Promise<Tensor[]> => {
  if (job.encryption === undefined) throw new Error(`${job.id} is not sealed`);
  const { encryption, rows } = job;
  const { digest, manifest } = job.model.digest === words.digest ? words : model;
  const result = await readResult(job);
  return openResult({ sealing_id, model: digest, encryption, key, result, outputs: manifest.outputs, rows });
};

/** How many of a tensor's rows lie somewhere as they are. */
const countSeen = (rows: Tensor, ...places: Buffer[]): number =>
  Array.from({ length: ROWS }, (_, row) => {
    const size = rows.data.length / ROWS;
    return Buffer.from(rows.data.subarray(row * size, (row + 1) * size));
  }).filter((row) => places.some((place) => place.includes(row))).length;

test("a sealed job is computed, audited and opened, and its rows are nowhere but with those who may read them", async () => {
  const sealed = await seal(runners);
  await upload(sealed);
  const verification = { mode: "audit", auditors: 1, rows_share: 0.2 } as const;
  const job = await runJob({ ...sealed.request, verification });
  expect(job).toMatchObject({ state: "succeeded", error: null, rows: ROWS });
  // Providers that are new get one auditor more.
  expect(job.verification.reached).toMatchObject({ audits_passed: 12, disputes: 0 });
  expect(job.encryption).toMatchObject({
    sealing_id: sealed.sealing_id,
    providers: runners.map(({ id }) => id),
  });
  const [opened] = await openOf(job, sealed);
  if (opened === undefined) throw new Error("the result holds no output");
  expect(opened).toMatchObject({ name: "y", datatype: "FP32", shape: [ROWS, 12] });

  const places = () => [readFolder(live.edge.state), proxy.recorded()];
  expect([countSeen(tensor, ...places()), countSeen(opened, ...places())]).toEqual([0, 0]);

  const receipt = SignedReceipt.parse(JSON.parse(await live.client.getReceipt(job.id)));
  const report = await verifyReceipt(receipt, { result: await readResult(job) });
  expect(report.verdict).toBe("holds");
  const codes = report.findings.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(["rows_traced", "copies_equal", "draws_follow"]));
  expect(receipt.receipt.job.encryption).toMatchObject({ mode: "provider", sealing_id: sealed.sealing_id });

  // The same rows unsealed give the same result, and are found where they were looked for.
  const plain = await live.client.putBlob(tensor.data);
  const { data: _, ...described } = tensor;
  const unsealed = await runJob({
    model: model.digest,
    input: { tensors: [{ ...described, blob: plain }] },
    verification,
  });
  const [expected] = await live.client.getResult(unsealed.id);
  expect(opened).toEqual(expected);
  expect([countSeen(tensor, ...places()), countSeen(opened, ...places())]).toEqual([ROWS, ROWS]);
});

test("a sealed text is nowhere in the clear, neither in state, traffic and logs nor in the runners' homes", async () => {
  const secret = "the password is swordfish";
  const lines = [secret, "", "two words"].map((line) => new TextEncoder().encode(line));
  const text: Tensor = { name: "text", datatype: "BYTES", shape: [3], data: joinBytes(lines) };
  const sealed = await seal(runners, [text], words);
  await upload(sealed);
  const job = await runJob({ ...sealed.request, verification: { mode: "quorum", replicas: 2 } });
  expect(job).toMatchObject({ state: "succeeded", error: null });
  const [counts, capitals] = await openOf(job, sealed);
  expect(counts?.data).toEqual(new Uint8Array(Int32Array.of(4, 0, 2).buffer));
  expect(capitals?.data).toEqual(
    joinBytes([secret.toUpperCase(), "", "TWO WORDS"].map((line) => new TextEncoder().encode(line))),
  );
  const logs = [live.edge.program, ...runners.map(({ program }) => program)].map(
    ({ lines, text }) => JSON.stringify(lines) + text(),
  );
  const homes = runners.map(({ home }) => readFolder(home));
  const places = [readFolder(live.edge.state), proxy.recorded(), ...homes, ...logs];
  for (const place of places)
    for (const seen of [secret, secret.toUpperCase()]) expect(place.includes(seen)).toBe(false);
});

test("a job that too few can open is refused with the reason, by the quote too", async () => {
  const [ada] = runners;
  if (ada === undefined) throw new Error("there are no runners");
  const sealed = await seal([ada]);
  await upload(sealed);
  const lack = /needs a provider and 1 auditor.* granted to 1/;
  const refused = await live.client.send("POST", "/jobs", sealed.request);
  expect(refused).toMatchObject({ status: 422, body: { code: "grants_insufficient" } });
  expect(refused.body).toMatchObject({ detail: expect.stringMatching(lack) });
  const quote = await live.client.quote(sealed.request);
  expect(quote).toMatchObject({ is_possible: false, reasons: [expect.stringMatching(lack)] });

  const alone = { ...sealed.request, verification: { mode: "none" } } as const;
  expect(await live.client.quote(alone)).toMatchObject({ is_possible: true, runners_capable: 1 });
  const job = await runJob(alone);
  expect(job.providers.map(({ id }) => id)).toEqual([ada.id]);
  expect(await openOf(job, sealed)).toHaveLength(1);
});

test("a job whose provider went away goes on when its client grants it to another", async () => {
  const ghost = await addRunner("ghost");
  const sealed = await seal([ghost]);
  await ghost.program.stop();
  await upload(sealed);
  const { id } = await live.client.createJob({ ...sealed.request, verification: { mode: "none" } });
  const [, grace] = runners;
  if (grace === undefined) throw new Error("there are no runners");
  const { model: digest, encryption } = sealed.request;
  const own = { sealing_id: sealed.sealing_id, model: digest, encryption, key };
  const grant = await grantProvider(own, await live.client.getProvider(grace.id));
  const granted = await live.client.send("POST", `/jobs/${id}/grants`, { grants: [grant] });
  expect(Job.parse(granted.body).encryption?.providers).toEqual([ghost.id, grace.id]);
  await collectEvents(live.client, id);
  const job = await live.client.getJob(id);
  expect(job).toMatchObject({ state: "succeeded", providers: [{ id: grace.id }] });
  expect(await openOf(job, sealed)).toHaveLength(1);
  const late = await live.client.send("POST", `/jobs/${id}/grants`, { grants: [grant] });
  expect(late).toMatchObject({ status: 409, body: { code: "job_finished" } });
});

test("a row that was changed on its way fails the job, and the reason names it", async () => {
  const sealed = await seal(runners);
  const [blob] = sealed.blobs;
  const [input] = sealed.request.input.tensors;
  if (blob === undefined || input === undefined) throw new Error("there is no input");
  const changed = blob.bytes.slice();
  const row_bytes = changed.length / ROWS;
  changed[3 * row_bytes + 20] = (changed[3 * row_bytes + 20] ?? 0) ^ 1;
  const tensors = [{ ...input, blob: await live.client.putBlob(changed) }];
  const job = await runJob({ ...sealed.request, input: { tensors }, verification: { mode: "none" } });
  expect(job).toMatchObject({ state: "failed", error: { code: "shard_failed" } });
  expect(job.error?.detail).toMatch(/input_mismatch: row 3 of 'x' does not open/);
});
