import { formatRunnerId } from "@infernet/schemas/ids";
import { describeRail } from "./rail-contract.ts";
import { FakeChain } from "./testing/fake-chain.ts";

const provider = (n: number) => formatRunnerId(new Uint8Array(32).fill(n));

describeRail("of the tests", async () => {
  const chain = new FakeChain();
  const payees = [1, 2].map((n) => ({ provider: provider(n), address: null }));
  for (const payee of payees) chain.addPayee(payee.provider);
  const [one, two] = payees;
  if (one === undefined || two === undefined) throw new Error("no payees");
  return {
    open: async () => chain.rail(),
    payees: [one, two],
    unready: { payee: { provider: provider(3), address: null }, state: "unbonded" },
    terms: async (amounts, fee) => ({
      place: {
        escrow: FakeChain.ESCROW,
        opened: "1",
        sequence: chain.escrow?.sequence ?? 0,
        voucher: "a voucher",
      },
      shares: amounts.map((amount, i) => ({ ...(i === 0 ? one : two), amount })),
      fee,
    }),
    received: async ({ provider }) => chain.received(provider),
    expire: async () => chain.expireAll(),
    close: async () => {},
  };
});
