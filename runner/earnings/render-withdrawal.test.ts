import { expect, test } from "vitest";
import { renderWithdrawal } from "./render-withdrawal.ts";
import { payoutOf } from "./testing/a-book.ts";

test("a person reads each order, where its money comes from and goes, and how to see what comes of it", () => {
  const escrow = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";
  const orders = [payoutOf(1), payoutOf(2, { unit: "usdc:solana", escrow, address: null })];
  const text = renderWithdrawal(
    orders.map(({ order }) => order),
    "infernet-runner earnings --edge https://edge.example",
  );
  expect(text).toMatchInlineSnapshot(`
    "Ordered 1.250000 credit
      payout  pay_00000000000000000000000000000001
      from    the operator's books
      to      wallet 1

    Ordered 1.250000 usdc:solana
      payout  pay_00000000000000000000000000000002
      from    escrow 4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU
      to      (no address is registered: give one to \`infernet-runner start\` with --payout)

    How it comes out: infernet-runner earnings --edge https://edge.example
    "
  `);
});
