import type { JobInput } from "./api-client.ts";

/** A job of one prompt on a model, whose tokens are read as they are made. Nobody checks it. */
export const streamJob = (model: string, prompt: string, tokens_max: number): JobInput => ({
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
            sampling: { temperature: 0, seed: 1, tokens_max },
          }),
        ],
      },
    ],
  },
  generation: { stream: true },
  verification: { mode: "none" },
});
