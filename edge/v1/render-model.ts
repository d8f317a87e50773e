import { tokenPrices } from "@infernet/protocol/llm/token-prices";
import { Sha256 } from "@infernet/schemas/digest";
import { LlmFeature } from "@infernet/schemas/llm/llm-settings";
import { TokenPrices } from "@infernet/schemas/llm/token-prices";
import { Engine, type Model } from "@infernet/schemas/model";
import { z } from "zod";

/** A model as OpenAI's API lists it, with what this network knows besides. */
export const OpenaiModel = z
  .strictObject({
    /** What requests name it by. */
    id: z.string(),
    object: z.literal("model"),
    /** Unix time in seconds. */
    created: z.int(),
    owned_by: z.literal("infernet"),
    digest: Sha256,
    engine: Engine,
    /** Tokens of prompt and completion together. */
    context_length: z.int(),
    quantization: z.string(),
    features: z.array(LlmFeature),
    /** What a million tokens cost, in micro-units of what the job is paid in. */
    pricing: TokenPrices,
    /** Machines that are online and can run it. */
    runners_capable: z.int(),
  })
  .meta({ id: "OpenaiModel" });
export type OpenaiModel = z.infer<typeof OpenaiModel>;

/** @param id the name or digest it is listed by */
export function renderModel(
  id: string,
  { digest, manifest, created_at }: Model,
  { micro_per_core_hour, runners_capable }: { micro_per_core_hour: bigint; runners_capable: number },
): OpenaiModel {
  const settings = manifest.llm ?? manifest.embeddings;
  if (settings === undefined) throw new Error(`a model of the engine ${manifest.engine} has no tokens`);
  return {
    id,
    object: "model",
    created: Math.floor(Date.parse(created_at) / 1_000),
    owned_by: "infernet",
    digest,
    engine: manifest.engine,
    context_length: settings.context_tokens,
    quantization: manifest.llm?.quantization ?? "unknown",
    features: manifest.llm?.features ?? [],
    pricing: tokenPrices(BigInt(settings.parameters), micro_per_core_hour),
    runners_capable,
  };
}
