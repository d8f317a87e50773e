import { cp, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ModelManifest } from "@infernet/schemas/model";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommandIn } from "../../cli/testing/run-command.ts";
import { type StubEdge, startStubEdge } from "../../cli/testing/stub-edge.ts";
import { readModelFolder } from "./read-model-folder.ts";

const TINYLM = fileURLToPath(new URL("../../../e2e/fixtures/tinylm", import.meta.url));
let edge: StubEdge;
let home: string;

beforeAll(async () => {
  edge = await startStubEdge();
  home = await mkdtemp(join(tmpdir(), "infernet-publish-"));
});
afterAll(async () => {
  await edge.close();
  await rm(home, { recursive: true, force: true });
});

/** A copy of the test model, to be changed. */
async function copyFolder(name: string): Promise<string> {
  const folder = join(home, name);
  await cp(TINYLM, folder, { recursive: true });
  return folder;
}

it("sees in a folder what the engine needs, and what the price follows from", async () => {
  const { manifest, places } = await readModelFolder(TINYLM);
  expect(manifest.files.map(({ path }) => path)).toEqual([
    ...[
      "config.json",
      "generation_config.json",
      "onnx/model.onnx",
      "tokenizer.json",
      "tokenizer_config.json",
    ],
  ]);
  expect(manifest).toMatchObject({
    engine: "llm",
    entry: "onnx/model.onnx",
    // 869,504 of the network, and the output projection, which the file holds a second time.
    llm: { context_tokens: 256, parameters: "1000576", quantization: "fp32", features: ["logprobs"] },
  });
  expect(places.size).toBe(5);
});

it("takes what is no decoder for an encoder, and the form of the weights from the file's name", async () => {
  const folder = await copyFolder("encoder");
  await rename(join(folder, "onnx/model.onnx"), join(folder, "onnx/model_quantized.onnx"));
  const { manifest } = await readModelFolder(folder, "onnx/model_quantized.onnx");
  expect(manifest.llm?.quantization).toBe("int8");
  await writeFile(
    join(folder, "config.json"),
    JSON.stringify({ architectures: ["BertModel"], hidden_size: 128, max_position_embeddings: 512 }),
  );
  const encoder = await readModelFolder(folder, "onnx/model_quantized.onnx");
  expect(encoder.manifest).toMatchObject({
    engine: "embeddings",
    outputs: [{ name: "embedding", shape: [null, 128] }, { name: "tokens" }],
    embeddings: { context_tokens: 512, pooling: "mean" },
  });
  await mkdir(join(folder, "1_Pooling"));
  await writeFile(join(folder, "1_Pooling/config.json"), '{"pooling_mode_cls_token":true}');
  const first = await readModelFolder(folder, "onnx/model_quantized.onnx");
  expect(first.manifest.embeddings?.pooling).toBe("cls");
});

it("says what a folder lacks", async () => {
  const folder = await copyFolder("lacking");
  await expect(readModelFolder(folder, "onnx/model_q4.onnx")).rejects.toThrow("has no onnx/model_q4.onnx");
  await writeFile(join(folder, "onnx/model.onnx"), "no model");
  await expect(readModelFolder(folder)).rejects.toThrow("is no ONNX file that can be counted");
  await rm(join(folder, "tokenizer.json"));
  await expect(readModelFolder(folder)).rejects.toThrow("has no tokenizer.json");
  await writeFile(join(folder, "config.json"), '{"hidden_size":"many"}');
  await expect(readModelFolder(folder)).rejects.toThrow("config.json: hidden_size");
  await rm(join(folder, "config.json"));
  await expect(readModelFolder(folder)).rejects.toThrow("has no config.json");
});

it("uploads what the edge lacks, the lists of chunks too, and registers the model, with the account's key", async () => {
  const { manifest, lists } = await readModelFolder(TINYLM);
  expect(manifest.files.every(({ chunks }) => chunks !== undefined && lists.has(chunks))).toBe(true);
  const lists_bytes = [...lists.values()].reduce((sum, list) => sum + list.length, 0);
  const keys: (string | undefined)[] = [];
  for (const { path, sha256 } of manifest.files)
    edge.routes[`/blobs/${sha256}`] = (response, request) => {
      keys.push(request.headers.authorization);
      // All but the tokenizer's settings are there.
      const isThere = request.method === "PUT" || path !== "tokenizer_config.json";
      response.writeHead(isThere ? 200 : 404).end();
    };
  for (const name of lists.keys())
    edge.routes[`/blobs/${name}`] = (response, request) =>
      void response.writeHead(request.method === "PUT" ? 200 : 404).end();
  edge.routes["/models"] = (response) =>
    void response.writeHead(201).end(JSON.stringify({ digest: "a".repeat(64) }));
  const args = ["models", "publish", TINYLM, "--name", "tinylm", "--edge", edge.url, "--home", home];
  const { code, stdout } = await runCommandIn({ INFERNET_API_KEY: "infk_secret" }, ...args, "--json");
  expect([code, JSON.parse(stdout)]).toMatchObject([
    0,
    { name: "tinylm", uploaded_bytes: 283 + lists_bytes },
  ]);
  const sent = JSON.parse(edge.bodies["/models"] ?? "");
  expect([sent.name, ModelManifest.parse(sent.manifest)]).toEqual(["tinylm", manifest]);
  expect(new Set(keys)).toEqual(new Set(["Bearer infk_secret"]));
  const without = await runCommandIn({ INFERNET_API_KEY: "" }, ...args);
  expect([without.code, without.stderr]).toEqual([2, expect.stringContaining("INFERNET_API_KEY is not set")]);
});
