/** What came back for a call, unread by any client. */
export interface RpcAnswer {
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

/** Posts a body as it is. */
export const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

export async function callRpc(url: string, method: string, ...params: unknown[]): Promise<RpcAnswer> {
  const answer = await post(url, { jsonrpc: "2.0", id: 1, method, params });
  return (await answer.json()) as RpcAnswer;
}
