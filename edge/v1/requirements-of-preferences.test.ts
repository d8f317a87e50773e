import { sampleRunner } from "@infernet/protocol/testing/sample-ids";
import { InfernetError } from "@infernet/schemas/errors";
import { expect, it } from "vitest";
import { renderOpenaiError } from "./openai-error.ts";
import { assertModelWanted, requirementsOfPreferences } from "./requirements-of-preferences.ts";
import { RoutingPreferences } from "./routing-preferences.ts";

const PRICES = {
  prompt_micro: "555556",
  cached_micro: "55556",
  completion_micro: "2222223",
  checked_micro: "555556",
};
const [ann, bob] = [sampleRunner(1), sampleRunner(2)];

function refusal(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof InfernetError) return renderOpenaiError(error);
    throw error;
  }
  return null;
}

it("preferences become requirements by the names that jobs have for them", () => {
  const asked = RoutingPreferences.parse({
    only: [ann],
    ignore: [bob],
    min_vram_bytes: 8,
    execution_class: "llm/1.30.0/cuda",
    sandbox: "bwrap",
    regions: ["eu-west"],
  });
  expect(requirementsOfPreferences(asked)).toEqual({
    providers_only: [ann],
    providers_ignored: [bob],
    vram_bytes_min: 8,
    execution_class: "llm/1.30.0/cuda",
    sandbox: "bwrap",
    regions: ["eu-west"],
  });
});

it("an order without fallbacks is who alone may answer; with them it is refused, for nobody could keep it", () => {
  const order = RoutingPreferences.parse({ order: [ann, bob], allow_fallbacks: false });
  expect(requirementsOfPreferences(order)).toEqual({ providers_only: [ann, bob] });
  expect(refusal(() => requirementsOfPreferences(RoutingPreferences.parse({ order: [ann] })))).toMatchObject({
    status: 400,
    body: { error: { param: "provider.order", code: "unsupported_parameter" } },
  });
});

it("a model that costs more than a client pays is refused with its price, to the micro-unit", () => {
  const check = (max_price: object) => () =>
    assertModelWanted(RoutingPreferences.parse({ max_price }), "fp32", PRICES);
  expect(refusal(check({ prompt: 0.555556, completion: "2.222223" }))).toBeNull();
  expect(refusal(check({ prompt: 0.555555 }))).toMatchObject({
    body: { error: { param: "provider.max_price.prompt", message: expect.stringContaining("0.555556") } },
  });
  expect(RoutingPreferences.safeParse({ max_price: { prompt: 1e-7 } }).success).toBe(false);
});

it("a model in another form than a client wants is refused with its own", () => {
  const asked = RoutingPreferences.parse({ quantizations: ["fp16", "int8"] });
  expect(refusal(() => assertModelWanted(asked, "int8", PRICES))).toBeNull();
  expect(refusal(() => assertModelWanted(asked, "q4_k_m", PRICES))).toMatchObject({
    status: 503,
    body: { error: { message: expect.stringContaining("q4_k_m") } },
  });
});
