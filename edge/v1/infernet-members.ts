import { JobRequest } from "@infernet/schemas/job";
import { Failover } from "@infernet/schemas/llm/job-generation";
import { z } from "zod";
import { RoutingPreferences } from "./routing-preferences.ts";

/** What a request may say of the job beneath it, which OpenAI's API has no words for. */
export const InfernetOptions = z
  .strictObject({
    failover: Failover.optional(),
    /** Without it: one audit where another machine could make it, none where there is no other. */
    verification: JobRequest.shape.verification.unwrap().optional(),
    offer: JobRequest.shape.offer,
    payment: JobRequest.shape.payment.unwrap().optional(),
    deadline: JobRequest.shape.deadline,
  })
  .meta({ id: "InfernetOptions" });
export type InfernetOptions = z.infer<typeof InfernetOptions>;

/** Extensions of every request that becomes a job. */
export const EXTENSION_MEMBERS = {
  provider: RoutingPreferences.nullish(),
  infernet: InfernetOptions.nullish(),
} as const;
