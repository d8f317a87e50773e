import { decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { type JobId, LeaseId, RunnerId } from "@infernet/schemas/ids";
import { TokenPart } from "@infernet/schemas/llm/generation";
import { SignedBlock } from "@infernet/schemas/llm/token-block";
import { and, asc, eq } from "drizzle-orm";
import { z } from "zod";
import { streams } from "./schema.ts";
import type { AggregatorDb } from "./store.ts";

const Payload = z.strictObject({
  execution_class: ExecutionClass,
  parts: z.array(TokenPart).min(1),
  block: SignedBlock.nullable(),
});

/** Positions of one completion that are kept together. */
export interface StoredParts extends z.infer<typeof Payload> {
  shard: number;
  start: number;
  runner: RunnerId;
  lease_id: LeaseId;
}

export function insertParts(db: AggregatorDb, job: JobId, stored: StoredParts): void {
  const { shard, start, runner, lease_id, execution_class, parts, block } = stored;
  const payload = encodeBinary({ execution_class, parts, block });
  db.insert(streams).values({ job_id: job, shard, start, runner, lease_id, payload }).run();
}

/** All that is kept of a job's completions, in the order of shards and positions. */
export const listParts = (db: AggregatorDb, job: JobId): StoredParts[] =>
  db
    .select()
    .from(streams)
    .where(eq(streams.job_id, job))
    .orderBy(asc(streams.shard), asc(streams.start))
    .all()
    .map(({ shard, start, runner, lease_id, payload }) => ({
      shard,
      start,
      runner: RunnerId.parse(runner),
      lease_id: LeaseId.parse(lease_id),
      ...Payload.parse(decodeBinary(payload)),
    }));

/** Forgets what was delivered of a completion that begins anew: a row on the bill for each that it had. */
export function deleteParts(db: AggregatorDb, job: JobId, shard: number): void {
  db.delete(streams)
    .where(and(eq(streams.job_id, job), eq(streams.shard, shard)))
    .run();
}
