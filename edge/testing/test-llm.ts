import { sha256 } from "@infernet/schemas/digest";
import type { Capability } from "@infernet/schemas/runner";
import { expect } from "vitest";
import { callEdge, json } from "./call-edge.ts";
import type { TestAccount } from "./test-account.ts";

/** Registers a model that generates text, of a billion parameters and 512 tokens of context unless said otherwise. */
export async function registerTestLlm(
  { headers }: TestAccount,
  name = "tinylm",
  changes: { engine?: "llm" | "openai"; llm?: object } = {},
): Promise<void> {
  const { engine = "llm", llm = {} } = changes;
  const manifest = {
    engine,
    inputs: [{ name: "request", datatype: "BYTES", shape: [null] }],
    outputs: [{ name: "generation", datatype: "BYTES", shape: [null] }],
    llm: { context_tokens: 512, parameters: "1000000000", ...llm },
    ...(engine === "openai" ? { files: [], openai: { model: name } } : await uploadFile(headers)),
  };
  const answer = await callEdge("/models", json({ name, manifest }, headers));
  expect(await answer.text()).toContain(`"names":["${name}"]`);
}

async function uploadFile(headers: TestAccount["headers"]) {
  const text = "stands for a model; the runner here is worked by hand";
  const body = Uint8Array.from(new TextEncoder().encode(text));
  const digest = await sha256(body);
  const length = { "Content-Length": String(body.length) };
  await callEdge(`/blobs/${digest}`, { method: "PUT", body, headers: { ...headers, ...length } });
  return { entry: "model.onnx", files: [{ path: "model.onnx", sha256: digest, bytes: body.length }] };
}

/** What a machine says that runs such models, and those of a server with a model `served`. */
export const LLM_CAPABILITY: Capability = {
  engines: [
    { engine: "llm", version: "1", execution_provider: "cpu", formats: ["llm"], sandbox: "none" },
    { engine: "openai", version: "1", execution_provider: "cpu", formats: ["served"], sandbox: "none" },
  ],
  memory_bytes: 2 ** 30,
  cpu_cores: 1,
  gpus: [],
};
