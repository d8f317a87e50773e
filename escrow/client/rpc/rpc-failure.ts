import { SolanaJSONRPCError } from "@solana/web3.js";

/**
 * One endpoint gave no usable answer to one request. Says nothing about what became of the request. Its message names no
 * URL, since an endpoint's URL often holds its key.
 */
export class RpcFailure extends Error {
  /** Whether the same endpoint may answer in a moment. */
  readonly retryable: boolean;

  constructor(message: string, retryable: boolean) {
    super(message);
    this.name = "RpcFailure";
    this.retryable = retryable;
  }
}

/**
 * JSON-RPC errors that pass: internal error, block or slot not available yet, node unhealthy or behind, minimum context
 * slot not reached (`rpc-client-api/src/custom_error.rs` of Agave).
 */
const PASSING = new Set([-32603, -32004, -32005, -32007, -32009, -32014, -32016]);

/** Names of the errors that web3.js and its JSON reader throw for an answer which is not what the method gives. */
const UNREADABLE = new Set(["StructError", "SyntaxError"]);

/** What an endpoint's error means; throws the error again when it does not come from an endpoint. */
export function readFailure(error: unknown): RpcFailure {
  if (error instanceof RpcFailure) return error;
  if (error instanceof SolanaJSONRPCError) {
    const code = typeof error.code === "number" ? error.code : null;
    return new RpcFailure(`JSON-RPC error ${code ?? "without a code"}`, code !== null && PASSING.has(code));
  }
  if (error instanceof Error && (UNREADABLE.has(error.name) || UNREADABLE.has(error.constructor.name)))
    return new RpcFailure("an answer that cannot be read", true);
  throw error;
}
