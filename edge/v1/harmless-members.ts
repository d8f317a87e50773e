import { JobRequest } from "@infernet/schemas/job";
import { z } from "zod";

/**
 * Members that OpenAI documents and clients send which change nothing about the answer here: they are taken and, all but
 * `metadata`, left alone. `metadata` becomes the job's.
 */
export const HARMLESS_MEMBERS = {
  user: z.unknown().optional(),
  store: z.unknown().optional(),
  service_tier: z.unknown().optional(),
  parallel_tool_calls: z.unknown().optional(),
  prediction: z.unknown().optional(),
  prompt_cache_key: z.unknown().optional(),
  prompt_cache_options: z.unknown().optional(),
  prompt_cache_retention: z.unknown().optional(),
  safety_identifier: z.unknown().optional(),
  metadata: JobRequest.shape.metadata.unwrap().nullish(),
} as const;
