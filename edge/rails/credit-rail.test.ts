import { formatRunnerId } from "@infernet/schemas/ids";
import { creditRail } from "./credit-rail.ts";
import { describeRail } from "./rail-contract.ts";

const payee = (n: number) => ({ provider: formatRunnerId(new Uint8Array(32).fill(n)), address: `iban:${n}` });

describeRail("without a chain", async () => ({
  open: async () => creditRail,
  payees: [payee(1), payee(2)],
  unready: null,
  terms: async (amounts, fee) => ({
    place: null,
    shares: amounts.map((amount, i) => ({ ...payee(i + 1), amount })),
    fee,
  }),
  received: null,
  expire: null,
  close: async () => {},
}));
