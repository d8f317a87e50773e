import { z } from "zod";

/**
 * What becomes of a stream whose runner is lost when no machine of the same execution class is left to go on with exactly
 * the same tokens. `continue`: another machine goes on from what was delivered, as well as it can. `restart`: the completion
 * begins anew. `fail`: the job fails.
 */
export const Failover = z.enum(["continue", "restart", "fail"]).meta({ id: "Failover" });
export type Failover = z.infer<typeof Failover>;

/** How a job on a model that generates text is delivered. */
export const JobGeneration = z
  .strictObject({
    /** Whether tokens are sent on as they are made: then every row is a shard of its own. */
    stream: z.boolean().default(false),
    failover: Failover.default("continue"),
    /** Whether the job is canceled when the last reader of its stream goes away before the end. */
    cancel_on_disconnect: z.boolean().default(false),
  })
  .meta({ id: "JobGeneration" });
export type JobGeneration = z.infer<typeof JobGeneration>;
