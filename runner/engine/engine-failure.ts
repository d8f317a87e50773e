import { LIMITS } from "@infernet/schemas/limits";
import type { FailureCode } from "@infernet/schemas/runner";

/** Why a shard could not be computed, as the client will read it. */
export class EngineFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, detail: string, options?: ErrorOptions) {
    super(detail.slice(0, LIMITS.failure_detail_chars_max), options);
    this.name = "EngineFailure";
    this.code = code;
  }
}
