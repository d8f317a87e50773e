import { InfernetError } from "@infernet/schemas/errors";

/**
 * Shares an amount out in proportion to weights, exactly: each part is rounded down, and what that leaves goes, one by
 * one, to the parts that lost most by it (the largest-remainder method, Hamilton's). Of equal losses the first in the list
 * counts, so that a list in a fixed order always gives the same parts.
 *
 * Throws `amount_invalid` on a negative amount or weight, and on an amount that nobody has a weight for.
 */
export function splitAmount(amount: bigint, weights: readonly bigint[]): bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (amount < 0n || weights.some((weight) => weight < 0n))
    throw new InfernetError(
      "amount_invalid",
      `${amount} cannot be split over the weights ${weights.join(", ")}.`,
    );
  if (amount === 0n) return weights.map(() => 0n);
  if (total === 0n) throw new InfernetError("amount_invalid", `Nobody has a share in ${amount}.`);
  const parts = weights.map((weight) => (amount * weight) / total);
  const left = amount - parts.reduce((sum, part) => sum + part, 0n);
  const byLoss = weights
    .map((weight, index) => ({ index, lost: (amount * weight) % total }))
    .sort((a, b) => (a.lost === b.lost ? a.index - b.index : a.lost > b.lost ? -1 : 1));
  for (const { index } of byLoss.slice(0, Number(left))) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts;
}
