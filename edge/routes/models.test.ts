import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { COUNT_LIMITS } from "@infernet/protocol/work-units/count-limits";
import { ELEMENT } from "@infernet/protocol/work-units/onnx/onnx-model";
import { buildOnnx, node, weights } from "@infernet/protocol/work-units/testing/build-onnx";
import { GLYPHS_INPUTS, glyphsModel } from "@infernet/protocol/work-units/testing/glyphs-model";
import type { Calibration } from "@infernet/schemas/calibration";
import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import {
  ModelManifest as Manifest,
  Model,
  type ModelManifest,
  manifestDigest,
} from "@infernet/schemas/model";
import { pageOf } from "@infernet/schemas/page";
import { Problem } from "@infernet/schemas/problem";
import { afterEach, expect, test, vi } from "vitest";
import { openCatalog } from "../catalog/open-catalog.ts";
import { resolveModel } from "../catalog/resolve-model.ts";
import { callEdge, json, OPERATOR } from "../testing/call-edge.ts";
import { createTestAccount, type TestAccount } from "../testing/test-account.ts";
import { createTestRunner } from "../testing/test-runner.ts";

afterEach(reset);

const Page = pageOf(Model);
const randomBytes = (): Bytes => crypto.getRandomValues(new Uint8Array(64));
const problemOf = async (answer: Response) => Problem.parse(await answer.json());

async function uploadManifest(
  account: TestAccount,
  bytes: Bytes = randomBytes(),
  changes: object = {},
): Promise<ModelManifest> {
  const digest = await sha256(bytes);
  const headers = { ...account.headers, "Content-Length": String(bytes.length) };
  await callEdge(`/blobs/${digest}`, { method: "PUT", body: bytes, headers });
  return Manifest.parse({
    engine: "onnx",
    entry: "model.onnx",
    files: [{ path: "model.onnx", sha256: digest, bytes: bytes.length }],
    inputs: [{ name: "x", datatype: "FP32", shape: [null, 4] }],
    outputs: [{ name: "y", datatype: "FP32", shape: [null, 2] }],
    ...changes,
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

const CLASS = "onnx/1.30.0/cpu/fp32";
const calibrationOf = (model: Sha256, runs = 12): Calibration => ({
  model,
  rows: 64,
  runs,
  pairs: [
    {
      classes: [CLASS, CLASS],
      inner: { deviation: 1e-5, angle: 1e-11 },
      outer: { deviation: 1e-4, angle: 1e-9 },
      observed: { rows: 640, deviation_p999: 1e-6, deviation_max: 2e-6, angle_p999: 1e-13, angle_max: 2e-13 },
    },
  ],
});
const calibrate = (digest: string, body: unknown, headers: Record<string, string> = OPERATOR) =>
  callEdge(`/models/${digest}/calibration`, { ...json(body, headers), method: "PUT" });

test("the operator calibrates a model, again if need be, and everybody sees the thresholds", async () => {
  const account = await createTestAccount();
  const manifest = await uploadManifest(account);
  const digest = await manifestDigest(manifest);
  expect(Model.parse(await (await register(account, manifest, "glyphs")).json()).calibration).toBeNull();
  for (const calibration of [calibrationOf(digest), calibrationOf(digest, 13)]) {
    const answer = await calibrate(digest, calibration);
    expect(Model.parse(await answer.json())).toMatchObject({ digest, names: ["glyphs"], calibration });
    const read = await callEdge("/models/glyphs", { headers: account.headers });
    expect(Model.parse(await read.json()).calibration).toEqual(calibration);
  }
  // Registering it again leaves the calibration as it is.
  const again = await register(account, manifest);
  expect(Model.parse(await again.json()).calibration?.runs).toBe(13);
});

test("a calibration of another model, of an unknown one, or from anybody else is refused", async () => {
  const account = await createTestAccount();
  const manifest = await uploadManifest(account);
  const digest = await manifestDigest(manifest);
  await register(account, manifest);
  const unknown = await sha256(randomBytes());
  const mismatch = await problemOf(await calibrate(digest, calibrationOf(unknown)));
  expect(mismatch).toMatchObject({ code: "calibration_mismatch", errors: [{ pointer: "/model" }] });
  expect((await problemOf(await calibrate(unknown, calibrationOf(unknown)))).code).toBe("model_unknown");
  const byClient = await problemOf(await calibrate(digest, calibrationOf(digest), account.headers));
  expect(byClient.code).toBe("authentication_failed");
  const empty = await problemOf(await calibrate(digest, { ...calibrationOf(digest), pairs: [] }));
  expect(empty).toMatchObject({ code: "request_invalid", errors: [{ pointer: "/pairs" }] });
});

test("jobs follow a new calibration within a minute", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const account = await createTestAccount();
  const manifest = await uploadManifest(account);
  const digest = await manifestDigest(manifest);
  await register(account, manifest);
  expect((await resolveModel(env, digest)).calibration).toBeNull();
  await calibrate(digest, calibrationOf(digest));
  vi.setSystemTime(Date.now() + LIMITS.model_cache_ms + 1);
  expect((await resolveModel(env, digest)).calibration?.runs).toBe(12);
  vi.useRealTimers();
});

const GLYPHS = { inputs: [{ ...GLYPHS_INPUTS[0], datatype: "FP32" }] };
const rows = [{ name: "x", dims: ["n", 4] }];

/** What the network says of a model with this file. */
async function workOf(file: Uint8Array, changes: object = {}): Promise<Model["work"]> {
  const account = await createTestAccount();
  const manifest = await uploadManifest(account, Uint8Array.from(file), changes);
  const answer = await register(account, manifest);
  expect(answer.status).toBe(201);
  const { digest, work } = Model.parse(await answer.json());
  const read = await callEdge(`/models/${digest}`, { headers: account.headers });
  expect(Model.parse(await read.json()).work).toEqual(work);
  return work;
}

test("a model's operations are counted from its file when it is registered", async () => {
  expect(await workOf(glyphsModel(), GLYPHS)).toEqual({
    kind: "counted",
    operations_per_row: "3201795",
    parameters: "116739",
  });
});

test("a model with large weights is counted without them being held", async () => {
  const data = { field: 9, bytes: new Uint8Array(40_000_000) };
  const file = buildOnnx({
    inputs: rows,
    constants: [{ ...weights("w", [4, 2_500_000]), data }],
    nodes: [node("MatMul", ["x", "w"], "y")],
  });
  expect(await workOf(file)).toMatchObject({ kind: "counted", operations_per_row: "20000000" });
});

const relu = { inputs: rows, nodes: [node("Relu", ["x"], "y")] };

test.each([
  [
    "an operator without a rule",
    buildOnnx({ inputs: rows, nodes: [node("Gaze", ["x"], "y")] }),
    "not among the operators",
  ],
  [
    "control flow",
    buildOnnx({ inputs: rows, nodes: [node("If", ["x"], "y", { a: { graph: true } })] }),
    "graph",
  ],
  ["no ONNX at all", new TextEncoder().encode("a model of another kind"), "malformed or cut short"],
  ["a length that leaves the file", new Uint8Array([7 * 8 + 2, 255, 255, 255, 255, 15]), "malformed"],
  ["a shape that the model computes", computedShape(), "the model computes the shapes of 1 tensors"],
  [
    "more besides its weights than is read",
    buildOnnx({ ...relu, functions: ["f".repeat(COUNT_LIMITS.bytes_besides_weights_max)] }),
    "more than 4194304 bytes besides its weights",
  ],
])(
  "a model with %s is registered, its work as its manifest declares it, and why",
  async (_, file, reason) => {
    expect(await workOf(file)).toEqual({ kind: "declared", reason: expect.stringContaining(reason) });
  },
);

/** The shape of its output follows from the values of its input; the file says what it will be. */
function computedShape(): Uint8Array {
  return buildOnnx({
    inputs: rows,
    nodes: [node("Cast", ["x"], "target", { to: ELEMENT.INT64 }), node("Expand", ["x", "target"], "y")],
    shapes: [{ name: "y", dims: ["n", 4] }],
  });
}

test("rows are counted in batches as large as the manifest allows", async () => {
  const file = buildOnnx({
    inputs: rows,
    nodes: [node("Transpose", ["x"], "t"), node("MatMul", ["x", "t"], "y")],
  });
  expect(await workOf(file)).toMatchObject({ kind: "declared", reason: expect.stringContaining("together") });
  const one = await workOf(file, { batch: { max: 1 } });
  expect(one).toMatchObject({ kind: "counted", operations_per_row: "12" });
});

test("a WebAssembly model is priced at the fuel that its manifest allows a row, or as it declares", async () => {
  const file = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const metered = { engine: "wasm", wasm: { fuel_per_row_max: 1_000_000 } };
  expect(await workOf(file, metered)).toEqual({
    kind: "counted",
    operations_per_row: "20000000",
    parameters: "0",
  });
  expect(await workOf(file, { engine: "wasm" })).toMatchObject({
    kind: "declared",
    reason: expect.stringContaining("fuel_per_row_max"),
  });
});

test("a model from before work was counted is declared, until it is registered again", async () => {
  const account = await createTestAccount();
  const manifest = await uploadManifest(account, Uint8Array.from(glyphsModel()), GLYPHS);
  await register(account, manifest, "glyphs");
  await runInDurableObject(openCatalog(env), (_, { storage }) => {
    storage.sql.exec("UPDATE models SET work = NULL");
  });
  const read = await callEdge("/models/glyphs", { headers: account.headers });
  expect(Model.parse(await read.json()).work).toEqual({
    kind: "declared",
    reason: "the model was registered before work was counted: register it again",
  });
  const again = await register(account, manifest);
  expect(again.status).toBe(200);
  expect(Model.parse(await again.json()).work).toMatchObject({ operations_per_row: "3201795" });
});

test("the parameters of a language model are counted from its file, and cannot be declared away", async () => {
  const account = await createTestAccount();
  const file = new Uint8Array(glyphsModel());
  const tensors = {
    engine: "llm",
    inputs: [{ name: "request", datatype: "BYTES", shape: [null] }],
    outputs: [{ name: "generation", datatype: "BYTES", shape: [null] }],
  };
  const declaring = (parameters: string) =>
    uploadManifest(account, file, { ...tensors, llm: { context_tokens: 256, parameters } });
  const { work } = Model.parse(await (await register(account, await declaring("100000"))).json());
  expect(work).toMatchObject({ kind: "counted", operations_per_row: "20000" });
  const refused = await register(account, await declaring("5"));
  expect([refused.status, (await problemOf(refused)).detail]).toEqual([
    422,
    expect.stringMatching(/the file has \d+ parameters; 5 are declared/),
  ]);
});
