import { parseConfig } from "./params.ts";
import { RpcError } from "./rpc-error.ts";

export type RequestId = string | number | null;

export interface Call {
  id: RequestId;
  method: string;
  params: readonly unknown[];
}

export type Answer =
  | { jsonrpc: "2.0"; id: RequestId; result: unknown }
  | { jsonrpc: "2.0"; id: RequestId; error: { code: number; message: string; data?: unknown } };

/**
 * What a body asks for: one call, or several at once; a member that is no call comes back as its answer.
 *
 * @throws RpcError when nothing in it can be answered one by one
 */
export function readCalls(body: string): { isBatch: boolean; calls: (Call | Answer)[] } {
  const value = parseJson(body);
  if (!Array.isArray(value)) return { isBatch: false, calls: [readCall(value)] };
  if (value.length === 0) throw new RpcError("invalid_request", "Invalid request: the batch is empty");
  return { isBatch: true, calls: value.map(readCall) };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new RpcError("parse", "Parse error: the body is no JSON");
  }
}

function readCall(value: unknown): Call | Answer {
  let id: RequestId = null;
  try {
    const request = parseConfig(value, "a call");
    if (typeof request.id === "string" || typeof request.id === "number") id = request.id;
    if (request.jsonrpc !== "2.0" || typeof request.method !== "string") {
      throw new RpcError("invalid_request", "Invalid request: it needs jsonrpc 2.0 and a method");
    }
    const params = request.params ?? [];
    if (!Array.isArray(params)) throw new RpcError("invalid_params", "Invalid params: they must be an array");
    return { id, method: request.method, params };
  } catch (error) {
    return failure(id, error);
  }
}

export const isCall = (call: Call | Answer): call is Call => "method" in call;

export const success = (id: RequestId, result: unknown): Answer => ({ jsonrpc: "2.0", id, result });

/** Whatever a method throws that is not its refusal is a fault of this chain, and says so. */
export function failure(id: RequestId, error: unknown): Answer {
  if (error instanceof RpcError) {
    const { code, message, data } = error;
    return { jsonrpc: "2.0", id, error: { code, message, ...(data !== undefined && { data }) } };
  }
  return { jsonrpc: "2.0", id, error: { code: -32603, message: `Internal error: ${String(error)}` } };
}

/** Numbers above 2^53 lose their last digits, as in every client that reads JSON numbers as doubles. */
export const writeJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? Number(member) : member));

export const methodNotFound = (method: string): RpcError =>
  new RpcError("method_not_found", `Method not found: ${method}`);
