import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { assertInputs, assertTensorBytes } from "@infernet/schemas/tensor-check";
import { refusing } from "./refusing.ts";

/** Holds a shard's inputs against the model's. Throws `EngineFailure` with `input_mismatch` unless they have exactly `rows` rows and the bytes for them. */
export function assertRows(inputs: readonly Tensor[], specs: readonly TensorSpec[], rows: number): void {
  refusing("input_mismatch", () => {
    const found = assertInputs(inputs, specs);
    if (found !== rows) throw new RangeError(`the inputs have ${found} rows; the shard has ${rows}`);
    for (const input of inputs) assertTensorBytes(input);
  });
}
