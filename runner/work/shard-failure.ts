import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import type { FailureCode } from "@infernet/schemas/runner";
import { BlobUnusable } from "../cache/blob-cache.ts";
import { EngineFailure } from "../engine/engine-failure.ts";
import { EdgeRefusal, EdgeUnreachable } from "../transport/edge-error.ts";

/**
 * What the client reads about a shard that could not be computed, by way of the edge. What a model says of sealed rows
 * could repeat them, so of a sealed job only this runner's own words go out.
 */
export function renderFailure(error: unknown, isSealed: boolean): { code: FailureCode; detail: string } {
  const code = codeOf(error);
  if (isSealed && !isOwnWord(error)) return { code, detail: UNTOLD };
  const detail = error instanceof Error ? error.message : String(error);
  return { code, detail: detail.slice(0, LIMITS.failure_detail_chars_max) };
}

const UNTOLD = "the job is sealed, so what its model or engine said of it is not passed on";

const isOwnWord = (error: unknown): boolean => error instanceof InfernetError || isFetchFailure(error);

const isFetchFailure = (error: unknown): boolean =>
  error instanceof EdgeRefusal || error instanceof EdgeUnreachable || error instanceof BlobUnusable;

function codeOf(error: unknown): FailureCode {
  if (error instanceof EngineFailure) return error.code;
  if (isFetchFailure(error)) return "fetch_failed";
  if (error instanceof InfernetError) return "input_mismatch";
  return "engine_error";
}
