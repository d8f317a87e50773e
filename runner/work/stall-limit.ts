import { LIMITS } from "@infernet/schemas/limits";
import { EngineFailure } from "../engine/engine-failure.ts";

/** Gives an engine up that makes no token any more. */
export interface StallLimit {
  /** Aborts with `engine_timeout`. */
  readonly signal: AbortSignal;
  progressed(): void;
  lift(): void;
}

export function startStallLimit(): StallLimit {
  const control = new AbortController();
  const start = (limit_ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      const detail = `the engine made no token in ${limit_ms / 1_000} s`;
      control.abort(new EngineFailure("engine_timeout", detail));
    }, limit_ms).unref();
  let timer = start(LIMITS.generation_first_ms_max);
  return {
    signal: control.signal,
    progressed: () => {
      clearTimeout(timer);
      timer = start(LIMITS.generation_next_ms_max);
    },
    lift: () => clearTimeout(timer),
  };
}
