import { RunnerId } from "@infernet/schemas/ids";
import { Requirements } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import { Region } from "@infernet/schemas/runner";
import { SandboxLevel } from "@infernet/schemas/sandbox";
import { z } from "zod";

const runners = z.array(RunnerId).min(1).max(LIMITS.providers_named_max);

/** A price for a million tokens in whole units, as dollars are: `0.2` or `"0.2"`, at most six decimals. */
const UnitPrice = z
  .union([z.number(), z.string()])
  .transform(String)
  .pipe(z.string().regex(/^[0-9]{1,9}(\.[0-9]{1,6})?$/, "is not a price with at most six decimals"));

/** Which machines may answer, as OpenRouter's users ask for it, with what this network knows of machines besides. */
export const RoutingPreferences = z
  .strictObject({
    /** The only machines that may answer. */
    only: runners.nullish(),
    /** Machines that may not. */
    ignore: runners.nullish(),
    /** With `allow_fallbacks: false` the same as `only`: the network draws which of them answers. */
    order: runners.nullish(),
    allow_fallbacks: z.boolean().nullish(),
    /** The most that a million tokens may cost, in whole units of what the job is paid in. */
    max_price: z.strictObject({ prompt: UnitPrice.optional(), completion: UnitPrice.optional() }).nullish(),
    quantizations: z.array(z.string().max(32)).min(1).max(16).nullish(),
    /** On one GPU. */
    min_vram_bytes: Requirements.shape.vram_bytes_min.nullable(),
    /** Engine, version and execution provider, as in `llm/1.30.0/cuda`. */
    execution_class: Requirements.shape.execution_class.nullable(),
    sandbox: SandboxLevel.nullish(),
    regions: z.array(Region).min(1).max(16).nullish(),
  })
  .meta({ id: "RoutingPreferences" });
export type RoutingPreferences = z.infer<typeof RoutingPreferences>;
