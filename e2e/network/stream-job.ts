import type { JobInput } from "./api-client.ts";

/** A job of one prompt on a model, whose tokens are read as they are made. Nobody checks it; the likeliest are taken if nothing else is said. */
export const streamJob = (
  model: string,
  prompt: string,
  tokens_max: number,
  { temperature = 0, seed = 1 } = {},
): JobInput => ({
  model,
  input: {
    tensors: [
      {
        name: "request",
        datatype: "BYTES",
        shape: [1],
        data: [
          JSON.stringify({
            prompt: { kind: "text", text: prompt },
            sampling: { temperature, seed, tokens_max },
          }),
        ],
      },
    ],
  },
  generation: { stream: true },
  verification: { mode: "none" },
});
