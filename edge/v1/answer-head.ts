import { createdMs } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { z } from "zod";

/** What every part of an answer says of where it comes from. */
export interface AnswerHead {
  job: Job;
  /** As the request named it. */
  model: string;
  seed: number;
  /** Whether the request asked for the likelihood of tokens. */
  logprobs: boolean;
  /** Completions of each prompt. */
  choices: number;
}

/** Members that a whole answer and each of its chunks have alike. */
export const HeadMembers = z.strictObject({
  id: z.string(),
  /** Unix time in seconds. */
  created: z.int(),
  model: z.string(),
  system_fingerprint: z.string(),
});
export type HeadMembers = z.infer<typeof HeadMembers>;

export const headOf = (
  { job, model }: Pick<AnswerHead, "job" | "model">,
  prefix: "chatcmpl" | "cmpl",
): HeadMembers => ({
  id: `${prefix}-${job.id.slice("job_".length)}`,
  created: Math.floor(createdMs(job.id) / 1_000),
  model,
  system_fingerprint: `fp_${job.model.digest.slice(0, 12)}`,
});
