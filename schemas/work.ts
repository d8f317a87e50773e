import { z } from "zod";

const DIGITS_MAX = 24;

/** The largest number that is told apart from larger ones: nobody could pay for that many operations. */
const COUNT_MAX = 10n ** BigInt(DIGITS_MAX) - 1n;

/** A number of operations or parameters, of which there may be more than a float counts exactly. */
export const BigCount = z
  .string()
  .regex(new RegExp(`^(0|[1-9][0-9]{0,${DIGITS_MAX - 1}})$`), "is not a whole number, as a decimal string")
  .meta({ id: "BigCount", description: "A whole number as a decimal string", examples: ["3201795"] });
export type BigCount = z.infer<typeof BigCount>;

export const renderCount = (count: bigint): BigCount => (count < COUNT_MAX ? count : COUNT_MAX).toString();

/**
 * What a row of a model takes. `counted`: operations that follow from the graph in its file, of which a multiply-add is
 * two. `declared`: they could not be told, for this reason, and the manifest's `row_cost_us` stands for them.
 */
export const ModelWork = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("counted"), operations_per_row: BigCount, parameters: BigCount }),
    z.strictObject({ kind: z.literal("declared"), reason: z.string().max(512) }),
  ])
  .meta({ id: "ModelWork" });
export type ModelWork = z.infer<typeof ModelWork>;

/** The work that a quote pays for. */
export const QuotedWork = z
  .strictObject({
    kind: z.enum(["counted", "declared"]),
    /** Declared ones are the operations of a reference core in the declared time. */
    operations_per_row: BigCount,
    /** All of it, checks included, in whole micro work units: a thousand operations each, rounded up. */
    micro_work_units: BigCount,
  })
  .meta({ id: "QuotedWork" });
export type QuotedWork = z.infer<typeof QuotedWork>;
