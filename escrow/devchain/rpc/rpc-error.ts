/** Codes of JSON-RPC 2.0, and of Agave's `rpc-client-api/src/custom_error.rs`. */
export const RPC_ERROR = {
  parse: -32700,
  invalid_request: -32600,
  method_not_found: -32601,
  invalid_params: -32602,
  preflight_failed: -32002,
  signature_failed: -32003,
  block_not_available: -32004,
  node_behind: -32005,
  version_unsupported: -32015,
} as const;

export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(kind: keyof typeof RPC_ERROR, message: string, data?: unknown) {
    super(message);
    this.name = "RpcError";
    this.code = RPC_ERROR[kind];
    this.data = data;
  }
}

export const invalidParams = (message: string): RpcError =>
  new RpcError("invalid_params", `Invalid params: ${message}`);
