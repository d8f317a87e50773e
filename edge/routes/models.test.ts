import { reset } from "cloudflare:test";
import { type Bytes, sha256 } from "@infernet/schemas/digest";
import {
  ModelManifest as Manifest,
  Model,
  type ModelManifest,
  manifestDigest,
} from "@infernet/schemas/model";
import { pageOf } from "@infernet/schemas/page";
import { Problem } from "@infernet/schemas/problem";
import { afterEach, expect, test } from "vitest";
import { callEdge, json } from "../testing/call-edge.ts";
import { createTestAccount, type TestAccount } from "../testing/test-account.ts";
import { createTestRunner } from "../testing/test-runner.ts";

afterEach(reset);

const Page = pageOf(Model);
const randomBytes = (): Bytes => crypto.getRandomValues(new Uint8Array(64));
const problemOf = async (answer: Response) => Problem.parse(await answer.json());

async function uploadManifest(account: TestAccount, bytes: Bytes = randomBytes()): Promise<ModelManifest> {
  const digest = await sha256(bytes);
  const headers = { ...account.headers, "Content-Length": String(bytes.length) };
  await callEdge(`/blobs/${digest}`, { method: "PUT", body: bytes, headers });
  return Manifest.parse({
    engine: "onnx",
    entry: "model.onnx",
    files: [{ path: "model.onnx", sha256: digest, bytes: bytes.length }],
    inputs: [{ name: "x", datatype: "FP32", shape: [null, 4] }],
    outputs: [{ name: "y", datatype: "FP32", shape: [null, 2] }],
  });
}

const register = (account: TestAccount, manifest: ModelManifest, name?: string) =>
  callEdge("/models", json({ manifest, ...(name ? { name } : {}) }, account.headers));

test("a model is registered once, and read by name and by digest, also by runners", async () => {
  const account = await createTestAccount();
  const manifest = await uploadManifest(account);
  const digest = await manifestDigest(manifest);
  const first = await register(account, manifest, "glyphs");
  expect(first.status).toBe(201);
  expect(Model.parse(await first.json())).toMatchObject({ digest, names: ["glyphs"], manifest });
  expect((await register(account, manifest, "glyphs")).status).toBe(200);
  expect((await register(account, manifest)).status).toBe(200);

  const runner = await createTestRunner();
  for (const ref of ["glyphs", digest]) {
    expect(Model.parse(await (await runner.call(`/models/${ref}`)).json()).digest).toBe(digest);
  }
});

test("the owner points a name to another model, and nobody else does", async () => {
  const owner = await createTestAccount();
  const other = await createTestAccount();
  const [old, fresh] = [await uploadManifest(owner), await uploadManifest(owner)];
  await register(owner, old, "glyphs");

  const taken = await register(other, fresh, "glyphs");
  expect(taken.status).toBe(409);
  expect((await problemOf(taken)).code).toBe("model_name_taken");

  expect((await register(owner, fresh, "glyphs")).status).toBe(201);
  const read = async (ref: string) =>
    Model.parse(await (await callEdge(`/models/${ref}`, { headers: owner.headers })).json());
  expect((await read("glyphs")).digest).toBe(await manifestDigest(fresh));
  expect((await read(await manifestDigest(old))).names).toEqual([]);
});

test("a model whose files are missing or of another size is refused, with a pointer to each", async () => {
  const account = await createTestAccount();
  const manifest = await uploadManifest(account);
  const [file] = manifest.files;
  if (!file) throw new Error("the manifest has a file");
  const missing = { ...file, path: "missing.bin", sha256: await sha256(randomBytes()) };
  const problem = await problemOf(
    await register(account, {
      ...manifest,
      files: [file, missing, { ...file, path: "short.bin", bytes: 63 }],
    }),
  );
  expect(problem.code).toBe("model_file_missing");
  expect(problem.errors?.map((error) => error.pointer)).toEqual(["/manifest/files/1", "/manifest/files/2"]);
});

test("a manifest that contradicts itself is refused", async () => {
  const account = await createTestAccount();
  const manifest = await uploadManifest(account);
  const problem = await problemOf(await register(account, { ...manifest, entry: "other.onnx" }));
  expect(problem).toMatchObject({ code: "request_invalid", errors: [{ pointer: "/manifest/entry" }] });
});

test("an unknown name gets the one that was meant", async () => {
  const account = await createTestAccount();
  await register(account, await uploadManifest(account), "glyphs");
  const problem = await problemOf(await callEdge("/models/glphs", { headers: account.headers }));
  expect(problem).toMatchObject({
    code: "model_unknown",
    detail: 'There is no model "glphs". Did you mean "glyphs"?',
  });
});

test("the list is paged by cursor, and nobody without a key reads it", async () => {
  const account = await createTestAccount();
  const empty = Page.parse(await (await callEdge("/models", { headers: account.headers })).json());
  expect(empty).toEqual({ data: [], next_cursor: null });
  for (let i = 0; i < 3; i += 1) await register(account, await uploadManifest(account), `model-${i}`);

  const first = await callEdge("/models?limit=2", { headers: account.headers });
  const page = Page.parse(await first.json());
  expect(page.data).toHaveLength(2);
  expect(first.headers.get("Link")).toBe(`</models?limit=2&cursor=${page.next_cursor}>; rel="next"`);
  const second = await callEdge(`/models?limit=2&cursor=${page.next_cursor}`, { headers: account.headers });
  const rest = Page.parse(await second.json());
  expect(rest.next_cursor).toBeNull();
  expect(new Set([...page.data, ...rest.data].map((model) => model.digest)).size).toBe(3);

  expect((await callEdge("/models")).status).toBe(401);
  expect((await problemOf(await callEdge("/models?limit=0", { headers: account.headers }))).code).toBe(
    "request_invalid",
  );
});
