import { z } from "zod";
import { Address } from "../address.ts";
import { createEscrowClient } from "../create-escrow-client.ts";
import { createSeedSigner } from "../signer.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import { parseVoucher } from "../voucher.ts";

const Environment = z.object({
  RPC: z.string(),
  GENESIS: Address,
  PROGRAM: Address,
  AGGREGATOR_SEED: z.array(z.number()),
});
const Order = z.object({
  escrow: Address,
  owners: z.array(Address),
  amount: z.string(),
  voucher: z.string(),
});

/** A Worker that releases from an escrow with a client's voucher, and answers with what it read and what became of it. */
export default {
  async fetch(request: Request, environment: unknown): Promise<Response> {
    const { RPC, GENESIS, PROGRAM, AGGREGATOR_SEED } = Environment.parse(environment);
    const { escrow, owners, amount, voucher } = Order.parse(await request.json());
    const client = createEscrowClient({ endpoints: [RPC], genesis_hash: GENESIS, program: PROGRAM });
    const authority = await createSeedSigner(Uint8Array.from(AGGREGATOR_SEED));
    const { releases, mint } = await client.readEscrow(escrow);
    const release: SignedTransaction = await client.prepareRelease(
      {
        escrow,
        authority,
        voucher: parseVoucher(voucher),
        releases,
        fee: 0n,
        shares: { kind: "committed", owners, shares: [{ index: 0, amount: BigInt(amount) }] },
      },
      { fee_payer: authority, unit_limit: 100_000, unit_price: 1n },
    );
    const outcome = await client.settle(release, { patience_ms: 20_000, step_ms: 20 });
    return Response.json({ mint, outcome });
  },
};
