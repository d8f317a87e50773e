import type { PayoutOrder } from "@infernet/schemas/payout";
import { renderAmount } from "./render-amount.ts";

/** What was ordered, for a person. @param earnings the command that tells how it comes out */
export function renderWithdrawal(orders: readonly PayoutOrder[], earnings: string): string {
  const lines = orders.flatMap(({ id, unit, escrow, micro, address }) => [
    `Ordered ${renderAmount(BigInt(micro), unit)}`,
    `  payout  ${id}`,
    `  from    ${escrow === null ? "the operator's books" : `escrow ${escrow}`}`,
    `  to      ${address ?? "(no address is registered: give one to `infernet-runner start` with --payout)"}`,
    "",
  ]);
  return `${lines.join("\n")}\nHow it comes out: ${earnings}\n`;
}
