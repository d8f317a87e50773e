import type { Bytes } from "@infernet/schemas/digest";
import type { LoadMessage } from "../load-message.ts";
import { openModule, type WasmModule } from "../open-module.ts";

/** A module of `rowsModule` ready in this very process. */
export function openRows(module: Bytes, change: Partial<LoadMessage> = {}): Promise<WasmModule> {
  return openModule(module, {
    dir: "/nowhere",
    entry: "model.wasm",
    files: ["model.wasm"],
    inputs: [{ name: "x", datatype: "FP32", shape: [null, 3] }],
    outputs: [{ name: "y", datatype: "FP32", shape: [null, 3] }],
    abi: "rows",
    call_rows_max: 1,
    memory_bytes_max: 16 * 1024 * 1024,
    fuel_per_row_max: null,
    ...change,
  });
}
