/** From 0, below 1, and not to be foreseen by whoever has seen others: what runners could foresee would not test them. */
export const randomShare = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
