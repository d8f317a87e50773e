import { Unit } from "@infernet/schemas/ledger";
import type { Rail } from "./rail.ts";

export const CREDIT = Unit.parse("credit");

/**
 * The rail without a chain: the operator pays by whatever means it has with its providers, and says so of each payout.
 */
export const creditRail: Rail = {
  capabilities: {
    unit: CREDIT,
    partial_capture: true,
    many_payees: true,
    bonds: false,
    escrows: false,
    smallest_payment: 1n,
    payees_per_payment: 100,
  },
  escrows: null,
  checkPayees: async (_, payees) => payees.map(() => ({ state: "ready", detail: "" })),
  prepare: async () => ({ kind: "prepared", step: "by the operator" }),
  advance: async () => ({
    state: "handed_over",
    reference: null,
    detail: "The operator pays this, and says so.",
    position: 0,
  }),
};
