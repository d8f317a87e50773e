import type { AggregatorContext } from "./context.ts";
import { deliverWebhooks } from "./deliver-webhooks.ts";
import { drainOutbox } from "./drain-outbox.ts";
import { withdrawWork } from "./offer-work.ts";
import type { OpenJob } from "./open-job.ts";

/** After a job's end is stored: tells everybody at once; the alarm repeats what fails here. */
export function closeJob(ctx: AggregatorContext, job: OpenJob): void {
  withdrawWork(ctx, job);
  ctx.defer(drainOutbox(ctx, job));
  if (job.record.webhook !== null) ctx.defer(deliverWebhooks(ctx));
}
