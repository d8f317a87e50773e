import { z } from "zod";
import { Epoch } from "./epoch.ts";
import { SignedReceipt } from "./receipt.ts";

/** What an aggregator puts its name to: the receipt of a job, or the announcement of an epoch. */
export const Statement = z.union([SignedReceipt, Epoch]);
export type Statement = z.infer<typeof Statement>;

/**
 * Proof that an aggregator contradicts itself: two statements that it signed and that cannot both be true.
 * `receipt_twice`: one revision of one job's receipt with two contents. `history_rewritten`: a later revision does not
 * continue the earlier one's log. `epoch_twice`: one epoch with two seeds or spans.
 */
export const Equivocation = z
  .strictObject({
    type: z.literal("infernet.equivocation.v1"),
    kind: z.enum(["receipt_twice", "history_rewritten", "epoch_twice"]),
    statements: z.tuple([Statement, Statement]),
  })
  .meta({ id: "Equivocation" });
export type Equivocation = z.infer<typeof Equivocation>;
