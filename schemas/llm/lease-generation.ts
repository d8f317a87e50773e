import { z } from "zod";
import { LIMITS } from "../limits.ts";

/** What stands already of one row's completion. */
export const Given = z.strictObject({
  /** Null where the engine that made them does not say. */
  tokens: z.array(z.int().min(0)).max(LIMITS.context_tokens_max).nullable(),
  /** Positions, as many as there are tokens where these are known. */
  positions: z.int().min(0).max(LIMITS.context_tokens_max),
  /** Their text, as far as it was delivered. */
  text: z.string().max(LIMITS.completion_chars_max),
});
export type Given = z.infer<typeof Given>;

/** How the rows of a lease on a model that generates text are to be worked. */
export const LeaseGeneration = z.strictObject({
  /**
   * `generate`: complete the rows, from what is given on. `score`: compute what is given, all together, and say how likely it
   * was; nothing is generated.
   */
  task: z.enum(["generate", "score"]),
  /** Whether parts are sent as they are made: then the lease is of one row. */
  stream: z.boolean(),
  /** Of each row in order, what stands of it; null where nothing does. */
  given: z.array(Given).max(LIMITS.rows_per_shard_generated_max).nullable(),
});
export type LeaseGeneration = z.infer<typeof LeaseGeneration>;
