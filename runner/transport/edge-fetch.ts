import type { Bytes } from "@infernet/schemas/digest";

/** What carries requests to an edge: `fetch` over HTTP, or streams of a peer. Rejects where there is no answer. */
export type EdgeFetch = (
  url: string,
  init: {
    method: "GET" | "POST" | "PUT";
    headers: Record<string, string>;
    body: Bytes | null;
    signal: AbortSignal;
    redirect: "error";
  },
) => Promise<Response>;
