import { LIMITS } from "@infernet/schemas/limits";
import { z } from "zod";
import { EXTENSION_MEMBERS } from "../v1/infernet-members.ts";

const text = z.string().min(1, "is empty").max(LIMITS.prompt_chars_max);

/** The body of `POST /v1/embeddings`. */
export const EmbeddingsRequest = z
  .strictObject({
    model: z.string().min(1).max(256),
    input: z.union([
      text,
      z
        .array(z.unknown())
        .min(1)
        .max(LIMITS.embedding_inputs_max)
        .meta({ type: "array", items: { type: "string" } }),
    ]),
    encoding_format: z.enum(["float", "base64"]).nullish(),
    dimensions: z.int().min(1).nullish(),
    user: z.string().max(512).nullish(),
    ...EXTENSION_MEMBERS,
  })
  .meta({ id: "EmbeddingsRequest" });
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>;
