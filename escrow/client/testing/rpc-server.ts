import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { z } from "zod";
import { GENESIS } from "../cluster.ts";

const Request = z.object({ id: z.string(), method: z.string(), params: z.array(z.unknown()).default([]) });

/** How a stub answers one call: with a result, a JSON-RPC error, an HTTP status, plain text, by a reset, or not at all. */
export type StubAnswer =
  | { result: unknown }
  | { error: number }
  | { status: number }
  | { text: string }
  | "reset"
  | "hang";

export interface RpcStub {
  url: string;
  /** Methods called so far, but for getGenesisHash. */
  calls: string[];
  /** How often it was asked which cluster it serves. */
  readonly checks: number;
  close(): Promise<void>;
}

/** A JSON-RPC server over loopback that answers as a test says. It says that it serves devnet unless told otherwise. */
export async function startRpcStub(
  answer: (method: string, params: unknown[], call: number) => StubAnswer,
  genesis_hash: string = GENESIS.devnet,
): Promise<RpcStub> {
  const calls: string[] = [];
  let checks = 0;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { id, method, params } = Request.parse(JSON.parse(body));
    if (method === "getGenesisHash") {
      checks += 1;
      return reply(response, id, { result: genesis_hash });
    }
    calls.push(method);
    reply(response, id, answer(method, params, calls.length));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the stub has no port");
  return {
    url: `http://127.0.0.1:${bound.port}/?api-key=secret`,
    calls,
    get checks() {
      return checks;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function reply(response: ServerResponse, id: string, answer: StubAnswer): void {
  if (answer === "hang") return;
  if (answer === "reset") return void response.destroy();
  if ("status" in answer) return void response.writeHead(answer.status).end("not now");
  if ("text" in answer) return void response.end(answer.text);
  const rest = "error" in answer ? { error: { code: answer.error, message: "no" } } : answer;
  response.end(JSON.stringify({ jsonrpc: "2.0", id, ...rest }));
}
