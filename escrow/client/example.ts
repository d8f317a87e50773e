import { payeeRoot, payeeTree } from "../solana/layout.ts";
import { type Address, addressBytes } from "./address.ts";
import { createEscrowClient } from "./create-escrow-client.ts";
import { deriveEscrow } from "./derive-addresses.ts";
import type { EscrowSettings } from "./escrow-settings.ts";
import { createSeedSigner } from "./signer.ts";
import type { SignedTransaction } from "./transaction/signed-transaction.ts";
import { renderVoucher, signVoucher } from "./voucher.ts";

interface Order {
  settings: EscrowSettings;
  /** 32 bytes: the client's key. It needs some SOL, and 20 USDC in its associated token account. */
  seed: Uint8Array;
  mint: Address;
  aggregator: Address;
  /** Owners who may be paid. */
  payees: Address[];
  /** Keeps a signed transaction where a crash does not reach it. */
  store(transaction: SignedTransaction): Promise<void>;
}

/** Locks 20 USDC for a week, and allows the aggregator to release five of them. */
export async function openAndPromise(order: Order): Promise<{ escrow: Address; voucher: string }> {
  const { settings, mint, aggregator, payees } = order;
  const escrows = createEscrowClient(settings);
  const client = await createSeedSigner(order.seed);
  const id = crypto.getRandomValues(new Uint8Array(32));

  const opening = await escrows.prepareOpen(
    {
      client,
      mint,
      aggregator,
      id,
      fee_bps: 200,
      payees: { kind: "committed", root: payeeRoot(payeeTree(payees.map(addressBytes))) },
      deadline: BigInt(Math.floor(Date.now() / 1_000) + 7 * 86_400),
      amount: 20_000_000n,
    },
    { fee_payer: client },
  );
  await order.store(opening);
  const outcome = await escrows.settle(opening, { patience_ms: 120_000 });
  if (outcome.state !== "landed") throw new Error(`the escrow is not open: ${JSON.stringify(outcome)}`);

  const escrow = deriveEscrow(escrows.program, client.address, id).address;
  const { opened_slot } = await escrows.readEscrow(escrow);
  const voucher = await signVoucher(client, { escrow, opened_slot, limit: 5_000_000n });
  return { escrow, voucher: renderVoucher(voucher) };
}
