import { LIMITS } from "@infernet/schemas/limits";

/** Texts are filled up to a multiple of this, or to the most that the model takes. */
const LENGTH_STEP = 32;

/** Texts that one call computes together. */
export interface TextBatch {
  /** Tokens of each, filled up. */
  length: number;
  /** Which rows. */
  rows: number[];
}

/**
 * Puts texts together that are as long once filled up, the short ones first. A text's length alone decides how far it is
 * filled, so its vector does not depend on the texts beside it: only how many they are changes, and that changes no bits.
 *
 * @param lengths tokens of each row's text
 * @param rows_max the manifest's bound on the rows of one call
 */
export function planTexts(
  lengths: readonly number[],
  { context_tokens, rows_max }: { context_tokens: number; rows_max: number | null },
): TextBatch[] {
  const byLength = new Map<number, number[]>();
  for (const [row, tokens] of lengths.entries()) {
    const length = Math.min(context_tokens, Math.ceil(tokens / LENGTH_STEP) * LENGTH_STEP);
    const rows = byLength.get(length) ?? [];
    rows.push(row);
    byLength.set(length, rows);
  }
  return [...byLength]
    .sort(([a], [b]) => a - b)
    .flatMap(([length, rows]) => cut(rows, rowsAtOnce(length, rows_max)).map((rows) => ({ length, rows })));
}

function rowsAtOnce(length: number, rowsMax: number | null): number {
  const fitting = Math.max(1, Math.floor(LIMITS.embedding_batch_tokens_max / length));
  return Math.min(fitting, LIMITS.engine_batch_rows_max, rowsMax ?? fitting);
}

const cut = (rows: readonly number[], size: number): number[][] =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size));
