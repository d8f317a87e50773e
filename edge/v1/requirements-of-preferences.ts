import { InfernetError } from "@infernet/schemas/errors";
import type { Requirements } from "@infernet/schemas/job";
import type { TokenPrices } from "@infernet/schemas/llm/token-prices";
import type { RoutingPreferences } from "./routing-preferences.ts";

const MICRO_DIGITS = 6;

/**
 * What preferences ask of machines. Throws `parameter_unsupported` for an order of preference: who answers is drawn, and a
 * list that only says who comes first could not be kept.
 */
export function requirementsOfPreferences(asked: RoutingPreferences): Requirements {
  const { only, ignore, order, allow_fallbacks, min_vram_bytes, execution_class, sandbox, regions } = asked;
  if (order && allow_fallbacks !== false)
    throw refuse(
      "parameter_unsupported",
      "order",
      "machines are drawn by lot and have no order; with `allow_fallbacks: false` these alone may answer",
    );
  const named = order ? (only ?? order).filter((id) => order.includes(id)) : only;
  if (named && named.length === 0)
    throw refuse("request_invalid", "only", "has no machine in common with `order`");
  return {
    ...(named ? { providers_only: named } : {}),
    ...(ignore ? { providers_ignored: ignore } : {}),
    ...(min_vram_bytes ? { vram_bytes_min: min_vram_bytes } : {}),
    ...(execution_class ? { execution_class } : {}),
    ...(sandbox ? { sandbox } : {}),
    ...(regions ? { regions } : {}),
  };
}

/** Throws unless the model is of a wanted form and costs no more than the client would pay. */
export function assertModelWanted(
  { quantizations, max_price }: RoutingPreferences,
  quantization: string,
  prices: TokenPrices,
): void {
  if (quantizations && !quantizations.includes(quantization))
    throw refuse("no_machine_fits", "quantizations", `the model's weights are ${quantization}`);
  for (const kind of ["prompt", "completion"] as const) {
    const most = max_price?.[kind];
    if (most === undefined) continue;
    const asks = prices[`${kind}_micro`];
    if (BigInt(asks) <= microOf(most)) continue;
    throw refuse("offer_too_low", `max_price/${kind}`, `a million ${kind} tokens cost ${renderUnits(asks)}`);
  }
}

/** Decimals of whole units in micro-units, without a float in between. */
function microOf(units: string): bigint {
  const [whole = "0", decimals = ""] = units.split(".");
  return BigInt(whole + decimals.padEnd(MICRO_DIGITS, "0"));
}

function renderUnits(micro: string): string {
  const digits = micro.padStart(MICRO_DIGITS + 1, "0");
  const decimals = digits.slice(-MICRO_DIGITS).replace(/0+$/, "");
  return `${digits.slice(0, -MICRO_DIGITS)}${decimals === "" ? "" : `.${decimals}`}`;
}

function refuse(
  code: "no_machine_fits" | "offer_too_low" | "parameter_unsupported" | "request_invalid",
  member: string,
  why: string,
): InfernetError {
  const detail = `\`provider.${member.replace("/", ".")}\`: ${why}`;
  return new InfernetError(code, detail, { errors: [{ pointer: `/provider/${member}`, detail }] });
}
