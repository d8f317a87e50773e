import { type StoredDelivery, updateDelivery } from "@infernet/db/aggregator/deliveries";
import { nextAttemptAt } from "@infernet/protocol/webhook-retry";
import { attemptWebhook } from "../webhooks/attempt-webhook.ts";
import type { AggregatorContext } from "./context.ts";
import { findJob } from "./context.ts";

/** Attempts every delivery that is due, each one by itself: a slow receiver holds up nobody else's. */
export async function deliverWebhooks(ctx: AggregatorContext): Promise<void> {
  const now_ms = ctx.now();
  const due = [...ctx.pending.values()].filter(
    ({ id, next_ms }) => next_ms !== null && next_ms <= now_ms && !ctx.sending.has(id),
  );
  await Promise.all(
    due.map(async (delivery) => {
      ctx.sending.add(delivery.id);
      try {
        await deliver(ctx, delivery);
      } finally {
        ctx.sending.delete(delivery.id);
      }
    }),
  );
}

/** One attempt, and what follows from it. The attempt is stored before anybody is told of it. */
export async function deliver(ctx: AggregatorContext, delivery: StoredDelivery): Promise<StoredDelivery> {
  const { attempt, outcome, retry_after_ms } = await attemptWebhook(ctx.env, delivery, ctx.now());
  const attempts = [...delivery.attempts, attempt];
  const retry =
    outcome === "retry" ? nextAttemptAt(attempts.length, ctx.now(), ctx.random(), retry_after_ms) : null;
  const state = outcome === "retry" ? (retry === null ? "failed" : "pending") : outcome;
  const next: StoredDelivery = { ...delivery, attempts, state, next_ms: retry };
  updateDelivery(ctx.db, next);
  if (retry === null) ctx.pending.delete(next.id);
  else ctx.pending.set(next.id, next);
  if (state === "disabled") {
    const { account_id } = findJob(ctx, delivery.job_id).record;
    await ctx.env.ACCOUNT.getByName(account_id).disableWebhook(delivery.url);
  }
  if (retry !== null) await ctx.wakeBy(retry);
  return next;
}
