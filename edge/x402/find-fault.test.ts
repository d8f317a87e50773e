import { type Address, parseAddress } from "@infernet/escrow/client/address";
import type { TokenPayment } from "@infernet/escrow/client/payment/token-payment";
import { PaymentRequirements } from "@infernet/schemas/x402";
import { base58 } from "@scure/base";
import { expect, test } from "vitest";
import { findFault, findObstacle } from "./find-fault.ts";
import { type Due, networkOf } from "./payment-required.ts";

const address = (byte: number): Address => parseAddress(base58.encode(new Uint8Array(32).fill(byte)));
const [MINT, ESCROW, VAULT, OPERATOR, PAYER, SOURCE, OTHER] = [1, 2, 3, 4, 5, 6, 7].map(address) as [
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
];

const DUE: Due = {
  network: networkOf("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"),
  mint: MINT,
  escrow: ESCROW,
  vault: VAULT,
  fee_payer: OPERATOR,
  amount: 2_500n,
};
const ACCEPTED = PaymentRequirements.parse({
  scheme: "exact",
  network: DUE.network,
  asset: MINT,
  amount: "2500",
  payTo: ESCROW,
  maxTimeoutSeconds: 60,
  extra: { feePayer: OPERATOR, claim: "A".repeat(22) },
});
const PAYMENT: TokenPayment = {
  message: new Uint8Array(),
  raw: new Uint8Array(),
  fee_payer: OPERATOR,
  payer: PAYER,
  source: SOURCE,
  mint: MINT,
  destination: VAULT,
  amount: 2_500n,
  blockhash: OTHER,
  priority_fee: 1n,
};

test("a payment of what is due, or more, has no fault", () => {
  expect(findFault(PAYMENT, ACCEPTED, DUE)).toBeNull();
  expect(findFault({ ...PAYMENT, amount: 9_999n }, ACCEPTED, DUE)).toBeNull();
});

test("a payment that is not exactly for this edge, from its buyer, has a fault", () => {
  const changes: [Partial<TokenPayment>, RegExp][] = [
    [{ mint: OTHER }, /it pays in/],
    [{ destination: ESCROW }, /it pays into/],
    [{ amount: 2_499n }, /it pays 2499; the job costs up to 2500/],
    [{ amount: 2n ** 53n }, /is the most/],
    [{ fee_payer: OTHER }, /its fee payer/],
    [{ payer: OPERATOR }, /not the buyer's/],
    [{ source: VAULT }, /not the buyer's/],
    [{ priority_fee: 10_001n }, /10001 lamports; 10000 is the most/],
  ];
  for (const [change, fault] of changes)
    expect(findFault({ ...PAYMENT, ...change }, ACCEPTED, DUE)).toMatch(fault);
  const mainnet = networkOf("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d");
  expect(findFault(PAYMENT, { ...ACCEPTED, network: mainnet }, DUE)).toMatch(/it accepts solana:5eykt/);
});

test("a payment that the chain would not carry out is not sent", () => {
  const account = { address: SOURCE, state: "ready" as const, mint: MINT, owner: PAYER, amount: 2_500n };
  expect(findObstacle(PAYMENT, account, 5)).toBeNull();
  expect(findObstacle(PAYMENT, account, null)).toMatch(/blockhash/);
  expect(findObstacle(PAYMENT, undefined, 5)).toMatch(/is missing/);
  expect(findObstacle(PAYMENT, { ...account, state: "frozen" }, 5)).toMatch(/is frozen/);
  expect(findObstacle(PAYMENT, { ...account, amount: 2_499n }, 5)).toMatch(/holds 2499/);
  expect(findObstacle(PAYMENT, { ...account, mint: OTHER }, 5)).toMatch(/holds/);
});
