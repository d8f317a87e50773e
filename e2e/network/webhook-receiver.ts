import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { WebhookEvent } from "@infernet/schemas/webhook";
import { isWebhookAuthentic, type WebhookHeaders } from "./webhook-signature.ts";

export interface ReceivedWebhook {
  headers: WebhookHeaders;
  body: string;
  event: WebhookEvent;
}

export interface WebhookReceiver {
  url: string;
  port: number;
  received: readonly ReceivedWebhook[];
  /** The first webhook, past or future, that passes `matches`. */
  waitFor: (matches?: (webhook: ReceivedWebhook) => boolean) => Promise<ReceivedWebhook>;
  close: () => Promise<void>;
}

/**
 * A real HTTP server that takes webhooks.
 *
 * @param options.port of an earlier receiver, to come back where the edge still looks for it
 * @param options.status what it answers; 204 unless told
 */
export async function startWebhookReceiver({ port = 0, status = 204 } = {}): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const waiting = new Set<(webhook: ReceivedWebhook) => void>();
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const webhook = readWebhook(request, await text(request));
    received.push(webhook);
    response.writeHead(status).end();
    for (const notify of [...waiting]) notify(webhook);
  };
  const server = createServer((request, response) => {
    receive(request, response).catch((error: unknown) => response.writeHead(400).end(String(error)));
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the webhook receiver has no port");

  return {
    url: `http://127.0.0.1:${address.port}/webhooks`,
    port: address.port,
    received,
    waitFor: (matches = () => true) =>
      new Promise((resolve) => {
        const past = received.find(matches);
        if (past) return resolve(past);
        const notify = (webhook: ReceivedWebhook) => {
          if (!matches(webhook)) return;
          waiting.delete(notify);
          resolve(webhook);
        };
        waiting.add(notify);
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function readWebhook(request: IncomingMessage, body: string): ReceivedWebhook {
  const header = (name: string): string => {
    const value = request.headers[name];
    if (typeof value !== "string") throw new Error(`no ${name} header`);
    return value;
  };
  return {
    headers: {
      id: header("webhook-id"),
      timestamp: header("webhook-timestamp"),
      signature: header("webhook-signature"),
    },
    body,
    event: WebhookEvent.parse(JSON.parse(body)),
  };
}

/** Whether the webhook was signed by the edge at `edgeUrl`, with the key that it publishes. */
export const isFrom = (webhook: ReceivedWebhook, publicKey: string): boolean =>
  isWebhookAuthentic(webhook.headers, webhook.body, publicKey, Date.now());
