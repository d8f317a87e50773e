export interface UiAmount {
  /** Base units. */
  amount: string;
  decimals: number;
  uiAmount: number;
  uiAmountString: string;
}

/** An amount of tokens as a validator writes it: in base units, and with its decimal point. */
export function uiAmountOf(amount: bigint, decimals: number): UiAmount {
  const digits = amount.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  const uiAmountString = fraction === "" ? whole : `${whole}.${fraction}`;
  return { amount: amount.toString(), decimals, uiAmount: Number(uiAmountString), uiAmountString };
}
