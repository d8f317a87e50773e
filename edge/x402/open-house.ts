import type { Address } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { EscrowError } from "@infernet/escrow/client/escrow-error";
import { createSeedSigner } from "@infernet/escrow/client/signer";
import { renderVoucher, signVoucher } from "@infernet/escrow/client/voucher";
import { AMOUNT_MAX } from "@infernet/escrow/solana/layout";
import { InfernetError } from "@infernet/schemas/errors";
import { AccountId } from "@infernet/schemas/ids";
import { SolanaAddress } from "@infernet/schemas/solana";
import { feeBps } from "../jobs/fee-bps.ts";
import { onChain } from "../rails/translate-escrow-error.ts";
import { unwrap } from "../rpc.ts";
import { escrowTreasury } from "../treasury/treasury-of.ts";
import { deriveHouse, type House } from "./derive-house.ts";
import type { Chain } from "./open-chain.ts";

/** Whom the treasury has house escrows registered for: an account that nobody can have. */
const HOUSE_ACCOUNT = AccountId.parse(`acct_${"0".repeat(32)}`);

const PATIENCE_MS = 25_000;
const STEP_MS = 500;

/** Those that this isolate knows to be open and registered, and those that it is opening. */
const ready = new Set<Address>();
const opening = new Set<Address>();

/**
 * The house escrow of now, open on the chain and registered with the treasury; both happen here when it is needed for the
 * first time. Opening moves no coin, and the chain has one escrow at an address: sent twice, or by two isolates, it happens
 * once. Throws `chain_unavailable`, `chain_contradicts` and `unavailable`.
 */
export async function openHouse(env: Env, chain: Chain, now_ms: number): Promise<House> {
  const house = await deriveHouse(chain.settings, feeBps(env), now_ms);
  if (ready.has(house.escrow)) return house;
  const opened_slot =
    (await onChain(() => findOpened(chain.client, house.escrow))) ?? (await openOnChain(chain, house));
  // Whoever signs here can release from the escrow too, so that a limit below the most would protect nobody.
  const voucher = await signVoucher(house.client, { escrow: house.escrow, opened_slot, limit: AMOUNT_MAX });
  unwrap(
    await escrowTreasury(env).treasury.register({
      account_id: HOUSE_ACCOUNT,
      escrow: SolanaAddress.parse(house.escrow),
      voucher: renderVoucher(voucher),
    }),
  );
  ready.add(house.escrow);
  return house;
}

/** In which slot it was opened; null when it is not open. */
async function findOpened(client: EscrowClient, escrow: Address): Promise<bigint | null> {
  try {
    return (await client.readEscrow(escrow)).opened_slot;
  } catch (error) {
    if (error instanceof EscrowError && error.code === "account_missing") return null;
    throw error;
  }
}

async function openOnChain(chain: Chain, house: House): Promise<bigint> {
  const end_ms = Date.now() + PATIENCE_MS;
  let trouble = "its opening is under way";
  if (!opening.has(house.escrow)) {
    opening.add(house.escrow);
    try {
      trouble = (await sendOpening(chain, house)) ?? trouble;
    } finally {
      opening.delete(house.escrow);
    }
  }
  for (;;) {
    const opened_slot = await onChain(() => findOpened(chain.client, house.escrow));
    if (opened_slot !== null) return opened_slot;
    if (Date.now() > end_ms)
      throw new InfernetError(
        "chain_unavailable",
        `The house escrow ${house.escrow} is not open: ${trouble}.`,
      );
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

/** What kept it from being opened, as far as the chain says; null when nothing did. */
async function sendOpening({ client, settings, settle }: Chain, house: House): Promise<string | null> {
  const { id, fee_bps, min_bond, deadline_ms } = house;
  const aggregator = await createSeedSigner(settings.seed);
  const transaction = await onChain(() =>
    client.prepareOpen(
      {
        client: house.client,
        mint: settings.mint,
        aggregator: aggregator.address,
        id,
        fee_bps,
        payees: { kind: "bonded", min_bond },
        deadline: BigInt(Math.floor(deadline_ms / 1_000)),
        amount: 0n,
        with_source: true,
      },
      { fee_payer: aggregator, unit_price: settings.unit_price },
    ),
  );
  const outcome = await settle(transaction, PATIENCE_MS);
  if (outcome.state === "failed") return outcome.failure.text;
  return outcome.state === "unknown" ? outcome.refusal : null;
}
