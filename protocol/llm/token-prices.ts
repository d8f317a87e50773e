import type { TokenPrices } from "@infernet/schemas/llm/token-prices";
import { operationsPerUnit, TOKEN_UNITS } from "@infernet/schemas/llm/token-units";
import { renderMicro } from "@infernet/schemas/money";
import { quotePrice } from "../price.ts";

const MILLION = 1_000_000;

/** Shown with quotes for generated text; docs/pricing.md explains it. */
export const TOKEN_PRICE_FORMULA =
  "tokens at most x per_million_tokens / 1,000,000, prompt, completion and checks, rounded up once, + micro_per_job";

/**
 * What tokens of a model cost, each kind by the million, rounded up.
 *
 * @param parameters that take part in one token
 */
export function tokenPrices(parameters: bigint, micro_per_core_hour: bigint): TokenPrices {
  const price = (units: number) =>
    renderMicro(
      quotePrice({
        priced_rows: units * MILLION,
        operations_per_row: operationsPerUnit(parameters),
        micro_per_core_hour,
        micro_per_job: 0n,
      }),
    );
  return {
    prompt_micro: price(TOKEN_UNITS.prompt),
    cached_micro: price(TOKEN_UNITS.cached),
    completion_micro: price(TOKEN_UNITS.completion),
    checked_micro: price(TOKEN_UNITS.scored),
  };
}
