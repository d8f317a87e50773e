import { RpcFailure } from "./rpc-failure.ts";

export interface EndpointFetchOptions {
  url: string;
  timeout_ms: number;
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/**
 * The `fetch` that web3.js sends JSON-RPC with: the whole answer within a time, or RpcFailure. The timer is gone when the
 * answer is there, so that nothing keeps a process alive.
 */
export function createEndpointFetch({ url, timeout_ms, fetch }: EndpointFetchOptions) {
  return async (_: unknown, init: RequestInit = {}): Promise<Response> => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeout_ms);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: JSON_TYPE,
        body: init.body ?? null,
        signal: controller.signal,
      });
      const text = await response.text();
      if (!response.ok) throw refused(response.status);
      return new Response(text);
    } catch (error) {
      if (error instanceof RpcFailure) throw error;
      if (controller.signal.aborted) throw new RpcFailure(`no answer within ${timeout_ms} ms`, true);
      throw new RpcFailure("no connection", true);
    } finally {
      clearTimeout(timer);
    }
  };
}

const JSON_TYPE = { "content-type": "application/json" };

const refused = (status: number): RpcFailure =>
  new RpcFailure(`HTTP status ${status}`, status === 429 || status >= 500);
