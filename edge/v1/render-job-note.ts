import { JobId } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { Unit } from "@infernet/schemas/ledger";
import { MicroAmount } from "@infernet/schemas/money";
import { z } from "zod";
import { Continued } from "../aggregator/stream-records.ts";
import type { Answer } from "./answer.ts";

/** What an answer says of the job beneath it, as its member `infernet`. */
export const JobNote = z
  .strictObject({
    job_id: JobId,
    job_url: z.string(),
    /** Answers once the job is over, its checks included. */
    receipt_url: z.string(),
    /** Of the first choice; those after it count up from there. The request sent again with it gives the same text. */
    seed: z.int(),
    verification: z.strictObject({
      mode: z.enum(["none", "quorum", "audit"]),
      /** Machines that check each answer, after it was given. */
      auditors: z.int(),
      /** Why there are none although they were asked for. */
      unavailable: z.string().nullable(),
    }),
    cost: z.strictObject({
      unit: Unit,
      /** The most that it can cost. */
      quoted_micro: MicroAmount,
      /** What the tokens made so far cost; checks come on top, up to the quote. The job's `price.settled` is exact. */
      tokens_micro: MicroAmount,
    }),
    /** How a completion was gone on with after its machine was lost; null where none was. */
    continued: Continued.nullable(),
  })
  .meta({ id: "JobNote" });
export type JobNote = z.infer<typeof JobNote>;

export function renderJobNote(job: Job, seed: number, { choices }: Answer): JobNote {
  const { price, verification } = job;
  const units = choices.reduce((sum, { finished }) => sum + (finished?.units ?? 0), 0);
  const used = BigInt(Math.min(units, price.priced_rows));
  const priced = BigInt(price.priced_rows);
  const continued = choices.map(({ finished }) => finished?.continued ?? null);
  return {
    job_id: job.id,
    job_url: job.urls.self,
    receipt_url: job.urls.receipt,
    seed,
    verification: {
      mode: verification.plan.mode,
      auditors: verification.plan.auditors,
      unavailable: verification.unavailable,
    },
    cost: {
      unit: price.unit,
      quoted_micro: price.quoted_micro,
      tokens_micro: ((BigInt(price.quoted_micro) * used + priced - 1n) / priced).toString(),
    },
    continued: continued.includes("best_effort")
      ? "best_effort"
      : (continued.find((how) => how !== null) ?? null),
  };
}
