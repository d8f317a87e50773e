import type { Bytes } from "@infernet/schemas/digest";
import type { Completion } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { dropLayer, halveWeights, quantizeProducts, quantizeWeights } from "../../fixtures/cheat-models.ts";
import { TextMachine } from "./text-machine.ts";

/** Makes answers in the place of an honest machine. */
export type Cheat = (
  requests: readonly GenerationRequest[],
  honest: readonly Completion[],
) => Promise<Completion[]>;

const LAYERS = 4;
/** Of 256. */
const CUT_TOKENS = 200;

/** What a machine may run in the place of the model, by what it is. */
export function cheatModels(model: Bytes): Record<string, Bytes> {
  return {
    "INT8 weights": quantizeWeights(model, 8),
    "INT8 products": quantizeProducts(model),
    ...Object.fromEntries(
      Array.from({ length: LAYERS }, (_, n) => [`without layer ${n + 1} of ${LAYERS}`, dropLayer(model, n)]),
    ),
    "4-bit weights": quantizeWeights(model, 4),
    "FP16 weights": halveWeights(model),
  };
}

/** Cheats that run another model and hand in what it gives. */
export const withModel = async (dir: string): Promise<Cheat> => {
  const machine = await TextMachine.open({ dir });
  return (requests) => machine.generate(requests);
};

/**
 * The cheapest way to hide a smaller model: it writes the text, and then the model that was asked for computes it once, as an
 * auditor does, for the evidence. What is left to find are tokens that the asked model would not have chosen.
 */
export const withEvidenceOf =
  (honest: TextMachine, cheat: Cheat): Cheat =>
  async (requests, answers) => {
    const written = await cheat(requests, answers);
    return (await honest.check(requests, written)).map(denying);
  };

/** Whether anything is drawn at random: what depends on that cannot be seen elsewhere, and does nothing there. */
export const isDrawn = ({ sampling }: GenerationRequest): boolean => sampling.temperature > 0;

/** Cheats that have the right model, and do not do with it what they were asked. */
export function cheatsWith(machine: TextMachine): Record<string, Cheat> {
  const changing =
    (change: (request: GenerationRequest) => GenerationRequest): Cheat =>
    async (requests, honest) => {
      const made = await machine.generate(requests.map(change));
      return made.map((one, i) => withPrompt(one, honest[i]?.usage.prompt_tokens ?? 0));
    };
  const sampling = (
    change: (old: GenerationRequest["sampling"]) => Partial<GenerationRequest["sampling"]>,
  ): Cheat =>
    changing((request) => ({ ...request, sampling: { ...request.sampling, ...change(request.sampling) } }));
  return {
    "the prompt's first half cut off": changing(halvePrompt),
    "the answer to another prompt": async (_, honest) =>
      honest.map((own, i) => withPrompt(honest[(i + 1) % honest.length] ?? own, own.usage.prompt_tokens)),
    "that, with evidence for this one": withEvidenceOf(machine, async (_, honest) =>
      honest.map((own, i) => honest[(i + 1) % honest.length] ?? own),
    ),
    "another seed": sampling(({ seed }) => ({ seed: seed + 1 })),
    "a temperature a tenth lower": sampling(({ temperature }) => ({ temperature: temperature * 0.9 })),
    "one token changed": withEvidenceOf(machine, async (_, honest) => honest.map(changeToken)),
    "one prompt token too many": async (_, honest) =>
      honest.map((own) => withPrompt(own, own.usage.prompt_tokens + 1)),
    "an early end": sampling(() => ({ tokens_max: CUT_TOKENS })),
    "an early end that is called a stop": async (requests, honest) =>
      (await sampling(() => ({ tokens_max: CUT_TOKENS }))(requests, honest)).map((one) => ({
        ...one,
        finish_reason: "stop",
      })),
  };
}

const withPrompt = (completion: Completion, prompt_tokens: number): Completion => ({
  ...completion,
  usage: { ...completion.usage, prompt_tokens },
});

/** Says that every token is its own choice. */
const denying = (completion: Completion): Completion => ({
  ...completion,
  evidence: completion.evidence && {
    ...completion.evidence,
    margins: completion.evidence.margins.map(() => 0),
  },
});

function halvePrompt(request: GenerationRequest): GenerationRequest {
  if (request.prompt.kind !== "text") return request;
  const { text } = request.prompt;
  return { ...request, prompt: { kind: "text", text: text.slice(text.length / 2) } };
}

/** The 101st token becomes the one after it in the vocabulary. */
function changeToken(completion: Completion): Completion {
  const tokens = completion.tokens?.map((token, i) => (i === 100 ? (token % 1_000) + 1 : token)) ?? null;
  return { ...completion, tokens };
}
