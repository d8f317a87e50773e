import { InfernetError } from "@infernet/schemas/errors";
import type { FailureCode } from "@infernet/schemas/runner";
import { EngineFailure } from "./engine-failure.ts";

/** Runs a check of the schemas, which speak in the catalogue's codes, so that a shard fails with its own. */
export function refusing<T>(code: FailureCode, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof InfernetError || error instanceof RangeError)
      throw new EngineFailure(code, error.message);
    throw error;
  }
}
