import { z } from "zod";
import { decodeBinary, encodeBinary } from "./binary.ts";
import type { Bytes } from "./digest.ts";
import { InfernetError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { Tensor } from "./tensor.ts";

/** Tensors alone in the binary form: a job's result, or a shard's outputs stored as a blob. */
export const Tensors = z.strictObject({
  tensors: z.array(Tensor).min(1).max(LIMITS.tensors_per_message_max),
});
export type Tensors = z.infer<typeof Tensors>;

export const encodeTensors = (tensors: readonly Tensor[]): Bytes => encodeBinary({ tensors });

/**
 * Reads what `encodeTensors` wrote. Whether data fits its shape is for `assertTensorBytes` or `assertOutputs` to say.
 *
 * @throws InfernetError request_malformed when the bytes are not `{ tensors: [...] }` in CBOR
 */
export function decodeTensors(bytes: Uint8Array): Tensor[] {
  const parsed = Tensors.safeParse(decode(bytes));
  if (parsed.success) return parsed.data.tensors;
  const [issue] = parsed.error.issues;
  throw new InfernetError(
    "request_malformed",
    `These are not tensors: /${issue?.path.join("/")}: ${issue?.message}`,
  );
}

function decode(bytes: Uint8Array): unknown {
  try {
    return decodeBinary(bytes);
  } catch (error) {
    throw new InfernetError("request_malformed", error instanceof Error ? error.message : String(error));
  }
}
