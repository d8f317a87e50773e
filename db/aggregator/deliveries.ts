import { DeliveryId, JobId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import { type Delivery, DeliveryAttempt, DeliveryState, WebhookEventType } from "@infernet/schemas/webhook";
import { and, asc, eq, isNotNull } from "drizzle-orm";
import { z } from "zod";
import { deliveries } from "./schema.ts";
import type { AggregatorDb } from "./store.ts";

/** A delivery with what sending it needs. */
export interface StoredDelivery {
  id: DeliveryId;
  job_id: JobId;
  type: WebhookEventType;
  url: string;
  state: DeliveryState;
  body: string;
  attempts: DeliveryAttempt[];
  next_ms: number | null;
}

export function insertDelivery(db: AggregatorDb, delivery: StoredDelivery): void {
  db.insert(deliveries)
    .values({ ...delivery, attempts: JSON.stringify(delivery.attempts) })
    .run();
}

export function updateDelivery(db: AggregatorDb, delivery: StoredDelivery): void {
  db.update(deliveries)
    .set({ state: delivery.state, attempts: JSON.stringify(delivery.attempts), next_ms: delivery.next_ms })
    .where(and(eq(deliveries.job_id, delivery.job_id), eq(deliveries.id, delivery.id)))
    .run();
}

export function listDeliveries(db: AggregatorDb, job: JobId): StoredDelivery[] {
  return db
    .select()
    .from(deliveries)
    .where(eq(deliveries.job_id, job))
    .orderBy(asc(deliveries.id))
    .all()
    .map(parseDelivery);
}

/** Deliveries that have another attempt to come. */
export function listPendingDeliveries(db: AggregatorDb): StoredDelivery[] {
  return db.select().from(deliveries).where(isNotNull(deliveries.next_ms)).all().map(parseDelivery);
}

function parseDelivery(row: typeof deliveries.$inferSelect): StoredDelivery {
  return {
    id: DeliveryId.parse(row.id),
    job_id: JobId.parse(row.job_id),
    type: WebhookEventType.parse(row.type),
    url: row.url,
    state: DeliveryState.parse(row.state),
    body: row.body,
    attempts: z.array(DeliveryAttempt).parse(JSON.parse(row.attempts)),
    next_ms: row.next_ms,
  };
}

export function renderDelivery(delivery: StoredDelivery): Delivery {
  const { id, job_id, type, url, state, attempts, next_ms } = delivery;
  return {
    id,
    job_id,
    type,
    url,
    state,
    attempts,
    next_attempt_at: next_ms === null ? null : renderInstant(next_ms),
  };
}
