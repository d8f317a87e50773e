import { Unit } from "@infernet/schemas/ledger";
import type { Rail } from "./rail.ts";

export const CREDIT = Unit.parse("credit");

/**
 * The rail without a chain: the operator pays by whatever means it has with its providers, and says so. Each payout is one
 * of its own there, so that it is marked paid by itself.
 */
export const creditRail: Rail = {
  capabilities: {
    unit: CREDIT,
    partial_capture: true,
    many_payees: false,
    bonds: false,
    escrows: false,
    smallest_payment: 1n,
    payees_per_payment: 1,
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
