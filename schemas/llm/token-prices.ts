import { z } from "zod";
import { MicroAmount } from "../money.ts";

/** What a million tokens of each kind cost, in micro-units. */
export const TokenPrices = z
  .strictObject({
    prompt_micro: MicroAmount,
    /** Of a prompt's beginning that was computed for an earlier request and kept. */
    cached_micro: MicroAmount,
    completion_micro: MicroAmount,
    /** Of prompt and completion together, for each check of an answer. */
    checked_micro: MicroAmount,
  })
  .meta({ id: "TokenPrices" });
export type TokenPrices = z.infer<typeof TokenPrices>;
