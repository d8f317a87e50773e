import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import type { FailureCode } from "@infernet/schemas/runner";
import { BlobUnusable } from "../cache/blob-cache.ts";
import { EngineFailure } from "../engine/engine-failure.ts";
import { EdgeRefusal, EdgeUnreachable } from "../transport/edge-error.ts";

/** What the client reads about a shard that could not be computed. */
export function renderFailure(error: unknown): { code: FailureCode; detail: string } {
  const detail = (error instanceof Error ? error.message : String(error)).slice(
    0,
    LIMITS.failure_detail_chars_max,
  );
  return { code: codeOf(error), detail };
}

function codeOf(error: unknown): FailureCode {
  if (error instanceof EngineFailure) return error.code;
  if (error instanceof EdgeRefusal || error instanceof EdgeUnreachable || error instanceof BlobUnusable) {
    return "fetch_failed";
  }
  if (error instanceof InfernetError) return "input_mismatch";
  return "engine_error";
}
