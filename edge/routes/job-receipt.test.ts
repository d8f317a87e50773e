import { env, reset } from "cloudflare:test";
import { verifyReceipt } from "@infernet/protocol/receipt/verify-receipt";
import { canonicalDigest, sha256 } from "@infernet/schemas/digest";
import { Job } from "@infernet/schemas/job";
import { readReceiptText } from "@infernet/schemas/receipt-text";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadNetworkKey } from "../network/network-key.ts";
import { callEdge, json } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestAccount, type TestAccount } from "../testing/test-account.ts";

let account: TestAccount;
beforeEach(async () => {
  await migrateIndex();
  account = await createTestAccount();
});
afterEach(reset);

async function submit(): Promise<Job> {
  const { headers } = account;
  const file = new TextEncoder().encode("stands for a model");
  const digest = await sha256(new Uint8Array(file));
  const length = { "Content-Length": String(file.length) };
  await callEdge(`/blobs/${digest}`, { method: "PUT", body: file, headers: { ...headers, ...length } });
  const tensor = [{ name: "x", datatype: "FP32", shape: [null, 1] }];
  const files = [{ path: "m.onnx", sha256: digest, bytes: file.length }];
  const manifest = { engine: "onnx", entry: "m.onnx", files, inputs: tensor, outputs: tensor };
  await callEdge("/models", json({ name: "echo", manifest }, headers));
  const input = { tensors: [{ name: "x", datatype: "FP32", shape: [2, 1], data: [1, 2] }] };
  const answer = await callEdge(
    "/jobs",
    json({ model: "echo", input, verification: { mode: "none" } }, headers),
  );
  return Job.parse(await answer.json());
}

const fetchReceipt = (job: Job, headers: Record<string, string> = account.headers) =>
  callEdge(new URL(job.urls.receipt).pathname, { headers });

it("gives a job's receipt once it has ended, to its client alone, and it verifies as it is served", async () => {
  const job = await submit();
  const early = await fetchReceipt(job);
  expect(early.status).toBe(409);
  expect(await early.json()).toMatchObject({ code: "job_not_finished" });
  await callEdge(`/jobs/${job.id}`, { method: "DELETE", headers: account.headers });
  const answer = await fetchReceipt(job);
  expect(answer.status).toBe(200);
  const signed = readReceiptText(await answer.text());
  expect(answer.headers.get("ETag")).toBe(`"${await canonicalDigest(signed.receipt)}"`);
  const { id: network } = await loadNetworkKey(env);
  expect(await verifyReceipt(signed, { network })).toMatchObject({ verdict: "holds", job_id: job.id });
  expect((await fetchReceipt(job, {})).status).toBe(401);
  expect((await fetchReceipt(job, (await createTestAccount("other")).headers)).status).toBe(404);
});
