import { GenerationRequest } from "@infernet/schemas/llm/generation-request";

/** As long as an answer gets here. */
const ANSWER_TOKENS = 256;

/** What the test model was trained on begins like this. */
const BEGINNINGS = [
  "This program is free software",
  "The licensee may not modify the work except as provided under this license. ",
  "If an iterable is passed to the function, it returns a new object for each item. ",
  "You may convey a covered work in object code form, provided that you also convey the source. ",
  "When the name of a class is looked up, the attribute is found in the dictionary of its base. ",
  "Each contributor grants you a patent license under the contributor's essential claims. ",
  "An exception is raised when the expression cannot be evaluated. ",
];

/** From greedy to wild, with and without a nucleus. */
const WAYS = [
  { temperature: 1, top_p: 1 },
  { temperature: 0.7, top_p: 1 },
  { temperature: 1, top_p: 0.9 },
  { temperature: 0, top_p: 1 },
  { temperature: 1.3, top_p: 0.95 },
];

/** The n-th of any number of requests that differ in prompt, its length (6 to 150 tokens), sampling and seed. */
export function sampleRequest(n: number): GenerationRequest {
  const texts = Array.from(
    { length: 1 + (n % 5) },
    (_, i) => BEGINNINGS[(n + i * (1 + (n % 3))) % BEGINNINGS.length],
  );
  return GenerationRequest.parse({
    prompt: { kind: "text", text: `${n}. ${texts.join("")}` },
    sampling: { ...WAYS[n % WAYS.length], seed: 1_000 + n, tokens_max: ANSWER_TOKENS },
  });
}
