import type { Bytes } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import type { Tensor } from "@infernet/schemas/tensor";
import { rowCount } from "@infernet/schemas/tensor-rows";
import { base64 } from "@scure/base";
import { z } from "zod";
import { EMBEDDINGS_OUTPUT } from "./parse-embeddings.ts";

/** What `POST /v1/embeddings` answers. */
export const EmbeddingsList = z
  .strictObject({
    object: z.literal("list"),
    data: z.array(
      z.strictObject({
        object: z.literal("embedding"),
        index: z.int(),
        /** Numbers, or as base64 of little-endian 32-bit floats. */
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: z.strictObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: "EmbeddingsList" });
export type EmbeddingsList = z.infer<typeof EmbeddingsList>;

/** A job's result: for each text its vector, little-endian 32-bit floats, and its tokens. */
export interface Vectors {
  rows: number;
  vector: (row: number) => Bytes;
  tokens: (row: number) => number;
}

/** Reads a result of a model of the engine `embeddings`. Throws `output_invalid`. */
export function readVectors(outputs: readonly Tensor[]): Vectors {
  const vectors = outputs.find(({ name }) => name === EMBEDDINGS_OUTPUT.vector);
  const tokens = outputs.find(({ name }) => name === EMBEDDINGS_OUTPUT.tokens);
  if (vectors?.datatype !== "FP32" || tokens?.datatype !== "INT32")
    throw new InfernetError("output_invalid", "the model gives no FP32 `embedding` and INT32 `tokens`");
  const rows = rowCount(vectors);
  const row_bytes = vectors.data.byteLength / rows;
  const counts = new DataView(tokens.data.buffer, tokens.data.byteOffset, tokens.data.byteLength);
  return {
    rows,
    vector: (row) => vectors.data.subarray(row * row_bytes, (row + 1) * row_bytes),
    tokens: (row) => counts.getInt32(row * 4, true),
  };
}

/**
 * Some rows of a result as OpenAI's API has them.
 *
 * @param rows from `start` on, `count` of them
 */
export function renderEmbeddings(
  vectors: Vectors,
  { start, count }: { start: number; count: number },
  { model, encoding }: { model: string; encoding: "float" | "base64" },
): EmbeddingsList {
  let prompt_tokens = 0;
  const data = Array.from({ length: count }, (_, index) => {
    prompt_tokens += vectors.tokens(start + index);
    const vector = vectors.vector(start + index);
    const embedding = encoding === "base64" ? base64.encode(vector) : floatsOf(vector);
    return { object: "embedding" as const, index, embedding };
  });
  return { object: "list", data, model, usage: { prompt_tokens, total_tokens: prompt_tokens } };
}

function floatsOf(bytes: Bytes): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(i * 4, true));
}
