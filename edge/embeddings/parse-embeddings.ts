import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import type { EmbeddingsRequest } from "./embeddings-request.ts";

/** The tensors of a model of the engine `embeddings`. */
export const EMBEDDINGS_INPUT = "text";
export const EMBEDDINGS_OUTPUT = { vector: "embedding", tokens: "tokens" } as const;

/** Numbers in the vector that a text becomes. */
export function dimensionsOf({ outputs }: Pick<ModelManifest, "outputs">): number {
  const dimensions = outputs.find(({ name }) => name === EMBEDDINGS_OUTPUT.vector)?.shape[1];
  if (typeof dimensions === "number") return dimensions;
  throw new InfernetError("model_unknown", "The model gives no `embedding` of a fixed length.");
}

/**
 * The texts of a request, one a row. Throws `parameter_unsupported` and `request_invalid`, naming the member.
 */
export function parseEmbeddings({ input, dimensions }: EmbeddingsRequest, manifest: ModelManifest): string[] {
  const made = dimensionsOf(manifest);
  if (dimensions !== undefined && dimensions !== null && dimensions !== made)
    throw refuse(
      "parameter_unsupported",
      "/dimensions",
      `the model's vectors have ${made} numbers and cannot be cut to ${dimensions}`,
    );
  const texts = typeof input === "string" ? [input] : input;
  return texts.map((text, index) =>
    assertText(text, typeof input === "string" ? "/input" : `/input/${index}`),
  );
}

function assertText(text: unknown, pointer: string): string {
  if (typeof text === "number" || Array.isArray(text))
    throw refuse(
      "parameter_unsupported",
      "/input",
      "tokens are not taken, for they mean other texts to other models: send the text",
    );
  if (typeof text !== "string") throw refuse("request_invalid", pointer, "is not a string");
  if (text === "") throw refuse("request_invalid", pointer, "is empty");
  if (text.length > LIMITS.prompt_chars_max)
    throw refuse("request_invalid", pointer, `has more than ${LIMITS.prompt_chars_max} characters`);
  return text;
}

const refuse = (
  code: "parameter_unsupported" | "request_invalid",
  pointer: string,
  detail: string,
): InfernetError =>
  new InfernetError(code, `In the body, ${pointer}: ${detail}`, { errors: [{ pointer, detail }] });
