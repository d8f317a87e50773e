import { BINARY_TYPE, decodeBinary } from "@infernet/schemas/binary";
import { InfernetError } from "@infernet/schemas/errors";
import type { Context } from "hono";
import type { z } from "zod";
import type { AppEnv } from "./app-env.ts";
import { rejectInvalid } from "./reject-invalid.ts";

/** The request's CBOR body as the schema has it. Stands behind `limitBody` or `requireRunner`, which bound it. */
export async function readBinary<Schema extends z.ZodType>(
  c: Context<AppEnv>,
  schema: Schema,
): Promise<z.output<Schema>> {
  const mediaType = c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== BINARY_TYPE) {
    throw new InfernetError("unsupported_media_type", `This route takes ${BINARY_TYPE}.`);
  }
  const parsed = schema.safeParse(decoded(new Uint8Array(await c.req.arrayBuffer())));
  if (!parsed.success) rejectInvalid("json", parsed.error, c);
  return parsed.data;
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return decodeBinary(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InfernetError("request_malformed", `The body is not one deterministic CBOR item: ${reason}`);
  }
}
