import { invalidParams, RpcError } from "./rpc-error.ts";

/** Runs what judges a caller's parameters: what it throws is the caller's mistake, and reaches it as such. */
export function orInvalid<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    return refuseParams(error);
  }
}

export function refuseParams(error: unknown): never {
  if (error instanceof RpcError) throw error;
  throw invalidParams(error instanceof Error ? error.message : String(error));
}
