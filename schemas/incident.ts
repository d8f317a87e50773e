import { z } from "zod";
import { parseInstant } from "./instant.ts";
import { LIMITS } from "./limits.ts";

/** A time in which providers failed for a fault of the network's. */
const span = {
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  detail: z.string().trim().min(1).max(LIMITS.ban_reason_chars_max),
};

/** `POST /incidents`: what providers failed at in that time is excused. */
export const IncidentRequest = z
  .strictObject({
    ...span,
    /** Where the request before it stopped: `next_cursor` of its answer. */
    cursor: z.string().max(512).optional(),
  })
  .refine(({ from, to }) => parseInstant(from) <= parseInstant(to), {
    message: "lies before `from`",
    path: ["to"],
  })
  .meta({ id: "IncidentRequest" });
export type IncidentRequest = z.infer<typeof IncidentRequest>;

/** How far the news of an incident has come. */
export const Incident = z
  .strictObject({
    /** Follows from what was asked: the same incident again is the same one. */
    id: z.string(),
    object: z.literal("incident"),
    ...span,
    /** Providers that this request has reached. */
    providers: z.int(),
    /** Set while there are more: send the request again with it. */
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "Incident" });
export type Incident = z.infer<typeof Incident>;
