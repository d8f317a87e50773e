import {
  listPendingDeliveries,
  type StoredDelivery,
  updateDelivery,
} from "@infernet/db/aggregator/deliveries";
import { nextAttemptAt } from "@infernet/protocol/webhook-retry";
import { attemptWebhook } from "../webhooks/attempt-webhook.ts";
import type { AggregatorContext } from "./context.ts";
import { findJob } from "./context.ts";

const sending = new WeakMap<AggregatorContext, Set<string>>();

/** Attempts every delivery that is due, each one by itself: a slow receiver holds up nobody else's. */
export async function deliverWebhooks(ctx: AggregatorContext): Promise<void> {
  const busy = sending.get(ctx) ?? new Set();
  sending.set(ctx, busy);
  const now_ms = ctx.now();
  const due = listPendingDeliveries(ctx.db).filter(
    ({ id, next_ms }) => !busy.has(id) && (next_ms ?? Infinity) <= now_ms,
  );
  await Promise.all(
    due.map(async (delivery) => {
      busy.add(delivery.id);
      try {
        await deliver(ctx, delivery);
      } finally {
        busy.delete(delivery.id);
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
  if (state === "disabled") {
    const { account_id } = findJob(ctx, delivery.job_id).record;
    await ctx.env.ACCOUNT.getByName(account_id).disableWebhook(delivery.url);
  }
  if (retry !== null) await ctx.wakeBy(retry);
  return next;
}
