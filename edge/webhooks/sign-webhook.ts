import { base64 } from "@scure/base";
import type { SigningKey } from "./webhook-key.ts";

/**
 * The headers of Standard Webhooks 1.0 with its asymmetric scheme: Ed25519 over `id.timestamp.body`.
 *
 * @param now_ms becomes `webhook-timestamp`, in seconds: receivers refuse what is minutes old
 */
export async function signWebhook(
  key: SigningKey,
  { id, body, now_ms }: { id: string; body: string; now_ms: number },
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(now_ms / 1000));
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signature = await crypto.subtle.sign("Ed25519", key.privateKey, signed);
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1a,${base64.encode(new Uint8Array(signature))}`,
  };
}
