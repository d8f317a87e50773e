import { z } from "@hono/zod-openapi";
import { LIMITS } from "@infernet/schemas/limits";
import { limitBody } from "../http/limit-body.ts";
import { requireAccount } from "../http/require-account.ts";
import { requireJson } from "./require-json.ts";

/** What the routes that make a job of a request have alike. */
export const jobRoute = {
  method: "post" as const,
  tags: ["OpenAI"],
  security: [{ account: [] }],
  middleware: [requireAccount, limitBody(LIMITS.json_body_bytes_max), requireJson],
};

export const JobHeaders = z.object({
  "idempotency-key": z
    .string()
    .optional()
    .meta({ description: "Makes the request safe to repeat for 24 hours: it gets the first one's answer" }),
});

/** Failures that each of them may answer with. */
export const JOB_FAILURES = [
  "request_malformed",
  "request_invalid",
  "parameter_unsupported",
  "authentication_missing",
  "offer_too_low",
  "model_unknown",
  "idempotency_in_flight",
  "body_too_large",
  "unsupported_media_type",
  "rate_limited",
  "funds_insufficient",
  "no_machine_fits",
  "answer_late",
] as const;
