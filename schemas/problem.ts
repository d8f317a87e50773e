import { z } from "zod";
import { RequestId } from "./ids.ts";

/** Problem details (RFC 9457) with this API's extension members. */
export const Problem = z
  .strictObject({
    /** Address of a page about this code. */
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    request_id: RequestId.nullable(),
    retryable: z.boolean(),
    hint: z.string(),
    /** What was wrong where: JSON pointers (RFC 6901) into the request body. */
    errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;
