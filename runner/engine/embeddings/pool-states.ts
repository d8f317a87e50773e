import type { EmbeddingsSettings } from "@infernet/schemas/llm/llm-settings";

export interface States {
  /** Of each token, one after the other. */
  values: Float32Array;
  /** Numbers of one token. */
  width: number;
  /** Tokens that are the text's own: what fills it up comes after them. */
  tokens: number;
}

/** The vector of one text from its tokens' hidden states, in double precision until it is done. */
export function poolStates(
  { values, width, tokens }: States,
  { pooling, normalize }: Pick<EmbeddingsSettings, "pooling" | "normalize">,
): Float32Array {
  const pooled = new Float64Array(width);
  const counted = pooling === "cls" ? 1 : tokens;
  for (let token = 0; token < counted; token++) {
    for (let i = 0; i < width; i++) pooled[i] = (pooled[i] ?? 0) + (values[token * width + i] ?? 0);
  }
  for (let i = 0; i < width; i++) pooled[i] = (pooled[i] ?? 0) / counted;
  return Float32Array.from(normalize ? scaleToOne(pooled) : pooled);
}

/** A vector of zeros has no direction and stays as it is. */
function scaleToOne(vector: Float64Array): Float64Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? vector : vector.map((value) => value / length);
}
