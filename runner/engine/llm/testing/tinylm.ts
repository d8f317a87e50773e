import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bytes, sha256 } from "@infernet/schemas/digest";
import { GENERATION_INPUT, GENERATION_OUTPUT } from "@infernet/schemas/llm/generation";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { ModelManifest } from "@infernet/schemas/model";

/** A decoder of 869,504 parameters, trained for tests, in Hugging Face layout. */
export const TINYLM_DIR = fileURLToPath(new URL("../../../../e2e/fixtures/tinylm/", import.meta.url));

const PATHS = [
  "onnx/model.onnx",
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
] as const;

export interface ModelFileBytes {
  path: string;
  bytes: Bytes;
}

/** Its files, in the manifest's order. */
export const tinylmFiles = (): Promise<ModelFileBytes[]> =>
  Promise.all(
    PATHS.map(async (path) => ({ path, bytes: new Uint8Array(await readFile(join(TINYLM_DIR, path))) })),
  );

export async function tinylmManifest(): Promise<ModelManifest> {
  const files = (await tinylmFiles()).map(async ({ path, bytes }) => ({
    path,
    sha256: await sha256(bytes),
    bytes: bytes.length,
  }));
  return ModelManifest.parse({
    engine: "llm",
    entry: "onnx/model.onnx",
    files: await Promise.all(files),
    inputs: [{ ...GENERATION_INPUT, shape: [null] }],
    outputs: [{ ...GENERATION_OUTPUT, shape: [null] }],
    memory_bytes: 128 * 1024 ** 2,
    row_cost_us: 100_000,
    // Positions are rotations, so it takes more than the 256 tokens that it was trained on.
    llm: { context_tokens: 512, parameters: "869504", quantization: "fp32", features: ["logprobs"] },
  });
}

/** To complete a text at temperature 0. */
export const requestOf = (
  text: string,
  change: Partial<GenerationRequest["sampling"]> = {},
): GenerationRequest =>
  GenerationRequest.parse({
    prompt: { kind: "text", text },
    sampling: { temperature: 0, seed: 1, tokens_max: 32, ...change },
  });
