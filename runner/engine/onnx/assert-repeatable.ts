import { EngineFailure } from "../engine-failure.ts";
import type { OnnxContents } from "./read-contents.ts";

/** Operators of ONNX and of ONNX Runtime's own domain that draw random numbers, seeded or not: a seeded one goes on from run to run. */
const RANDOM = new Set([
  "RandomNormal",
  "RandomNormalLike",
  "RandomUniform",
  "RandomUniformLike",
  "Multinomial",
  "Bernoulli",
  "Sampling",
]);

/**
 * Refuses a model whose rows come out otherwise each time: whoever computed one honestly would be found wrong by whoever
 * checks it. Throws `EngineFailure`.
 *
 * @param contents of the model's entry file; null where it could not be read
 */
export function assertRepeatable(contents: OnnxContents | null): asserts contents is OnnxContents {
  if (contents === null)
    throw new EngineFailure(
      "model_unloadable",
      "the file is no ONNX protobuf, so nobody can tell what it computes",
    );
  const random = [...contents.operators].filter((operator) => RANDOM.has(operator));
  if (random.length === 0) return;
  throw new EngineFailure(
    "model_unloadable",
    `the model draws random numbers (${random.join(", ")}), so no two runs of it agree; give it the noise as an input`,
  );
}
