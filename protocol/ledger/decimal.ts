import { InfernetError } from "@infernet/schemas/errors";
import { LEDGER_AMOUNT_MAX } from "@infernet/schemas/ledger";

const DECIMAL = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/;

/** Digits of a text that can still be an amount: more are refused before they are read as a number. */
const CHARS_MAX = 40;

/**
 * What a person writes as "1.5", in the unit's smallest parts: 1500000n with 6 decimals. Read digit by digit, because a
 * float times a million is wrong for thousands of amounts. Throws `amount_invalid` on anything but a plain decimal
 * number, on more decimals than the unit has, and on more than 2^53 - 1 parts.
 *
 * @param decimals how many the unit has, 0 or more
 */
export function parseDecimal(text: string, decimals: number): bigint {
  const [, whole, fraction = ""] = (text.length <= CHARS_MAX ? DECIMAL.exec(text) : null) ?? [];
  if (whole === undefined)
    throw new InfernetError(
      "amount_invalid",
      `"${text.slice(0, CHARS_MAX)}" is not a decimal number such as 1.5.`,
    );
  if (fraction.length > decimals)
    throw new InfernetError(
      "amount_invalid",
      `${text} has ${fraction.length} decimals; the unit has ${decimals}.`,
    );
  const amount = BigInt(whole + fraction.padEnd(decimals, "0"));
  if (amount <= LEDGER_AMOUNT_MAX) return amount;
  throw new InfernetError(
    "amount_invalid",
    `${text} is more than the ${renderDecimal(LEDGER_AMOUNT_MAX, decimals)} that can be held exactly.`,
  );
}

/** As a person reads it, with no decimals that say nothing: "1.5" for 1500000n with 6 decimals. */
export function renderDecimal(amount: bigint, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
