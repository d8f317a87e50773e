import type { FailureCode } from "@infernet/schemas/runner";

/** What an error of ONNX Runtime says about a shard: `otherwise`, unless its words tell more. */
export function ortFailure(error: unknown, otherwise: FailureCode): { code: FailureCode; detail: string } {
  const detail = error instanceof Error ? error.message : String(error);
  if (/bad_alloc|failed to allocate|out of memory|allocation failed/i.test(detail))
    return { code: "out_of_memory", detail };
  if (/invalid dimensions|invalid rank|unexpected input data type/i.test(detail)) {
    return { code: otherwise === "engine_error" ? "input_mismatch" : otherwise, detail };
  }
  return { code: otherwise, detail };
}
