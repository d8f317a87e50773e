import { InfernetError } from "@infernet/schemas/errors";
import { renderInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import type { DeliveryAttempt } from "@infernet/schemas/webhook";
import { assertWebhookTarget } from "./assert-webhook-target.ts";
import { parseRetryAfter } from "./parse-retry-after.ts";
import { signWebhook } from "./sign-webhook.ts";
import { loadSigningKey } from "./webhook-key.ts";

export interface WebhookMessage {
  /** Equal in every attempt, so that a receiver can drop repeats. */
  id: string;
  url: string;
  /** JSON of a WebhookEvent. */
  body: string;
}

export interface AttemptReport {
  attempt: DeliveryAttempt;
  /** `retry`: it may succeed later. `failed`: it never will. `disabled`: the receiver answered 410 Gone. */
  outcome: "delivered" | "retry" | "failed" | "disabled";
  /** The pause that the receiver asked for. */
  retry_after_ms: number | null;
}

/** Sends a webhook once. Never throws for the receiver's sake: whatever happened is in the report. */
export async function attemptWebhook(
  env: Env,
  message: WebhookMessage,
  now_ms: number,
): Promise<AttemptReport> {
  const started_ms = Date.now();
  const report = (
    outcome: AttemptReport["outcome"],
    error: string | null,
    status: number | null = null,
    retry_after_ms: number | null = null,
  ): AttemptReport => ({
    attempt: { at: renderInstant(now_ms), status, error, duration_ms: Date.now() - started_ms },
    outcome,
    retry_after_ms,
  });
  try {
    assertWebhookTarget(message.url, env);
    assertThin(message.body);
  } catch (error) {
    return report("failed", reasonOf(error));
  }
  try {
    const response = await send(env, message, now_ms);
    const { status } = response;
    if (response.ok) return report("delivered", null, status);
    if (status === 410)
      return report("disabled", "The receiver answered 410 Gone: it wants no more webhooks.", status);
    const retry_after_ms = parseRetryAfter(response.headers.get("Retry-After"), now_ms);
    return report("retry", refusalText(response), status, retry_after_ms);
  } catch (error) {
    return report("retry", reasonOf(error));
  }
}

async function send(env: Env, { id, url, body }: WebhookMessage, now_ms: number): Promise<Response> {
  const headers = await signWebhook(await loadSigningKey(env), { id, body, now_ms });
  const timeout = new AbortController();
  const reason = new DOMException("", "TimeoutError");
  // Not AbortSignal.timeout: its timer would keep the object awake, and billed, long after the answer.
  const timer = setTimeout(() => timeout.abort(reason), LIMITS.webhook_timeout_ms);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/json", "User-Agent": "infernet-webhooks" },
      body,
      redirect: "manual",
      signal: timeout.signal,
    });
    // Nothing that a receiver says is read: an endless answer costs nothing.
    await response.body?.cancel();
    return response;
  } finally {
    clearTimeout(timer);
  }
}

function refusalText({ status, headers }: Response): string {
  if (status < 300 || status >= 400) return `The receiver answered ${status}.`;
  const location = headers.get("Location");
  const target = location ? ` to ${location.slice(0, 200)}` : "";
  return `The receiver answered ${status}, a redirect${target}. Redirects are not followed: use the final address.`;
}

function assertThin(body: string): void {
  const bytes = new TextEncoder().encode(body).byteLength;
  if (bytes > LIMITS.webhook_payload_bytes_max) {
    throw new InfernetError(
      "internal",
      `The payload has ${bytes} bytes, over ${LIMITS.webhook_payload_bytes_max}.`,
    );
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `No answer within ${LIMITS.webhook_timeout_ms / 1000} s.`;
  return error.message.slice(0, LIMITS.failure_detail_chars_max);
}
