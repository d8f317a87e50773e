import { coSignPayment } from "@infernet/escrow/client/payment/co-sign-payment";
import { createSeedSigner } from "@infernet/escrow/client/signer";
import { ApiKey } from "@infernet/schemas/account";
import { canonicalDigest, type Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId } from "@infernet/schemas/ids";
import type { JobRequest } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import { SolanaAddress } from "@infernet/schemas/solana";
import { base64, base64urlnopad } from "@scure/base";
import type { PaymentView } from "../account/render-payment.ts";
import { hashSecret } from "../http/compare-secrets.ts";
import { checkJob } from "../jobs/check-job.ts";
import { type Submitted, submitJob } from "../jobs/submit-job.ts";
import { loadNetworkKey } from "../network/network-key.ts";
import { USDC_SOLANA } from "../rails/solana-unit.ts";
import { onChain } from "../rails/translate-escrow-error.ts";
import { unwrap } from "../rpc.ts";
import type { House } from "./derive-house.ts";
import { findFault, findObstacle } from "./find-fault.ts";
import { type Chain, openChain } from "./open-chain.ts";
import { openHouse } from "./open-house.ts";
import { type OfferedPayment, parseOfferedPayment } from "./parse-offered-payment.ts";
import { type Due, encodeHeader, networkOf, paymentRequired } from "./payment-required.ts";

/** A request for a job that comes without a key. */
export interface Purchase {
  request: JobRequest;
  body_sha256: Sha256;
  /** Where the client reaches this edge. */
  origin: string;
  /** The PAYMENT-SIGNATURE header. */
  payment: string | undefined;
}

/** A job that was paid for, and what its buyer is told beside it. */
export interface Bought extends Submitted {
  account_id: AccountId;
  headers: Record<string, string>;
}

/**
 * Sells a job to whoever pays for it, by x402 version 2. The payment is checked, signed by the aggregator as its fee payer,
 * stored, sent, and final on the chain before there is a job; it makes an account of its own, which has what was paid at its
 * disposal. The same request again goes on where the first one stopped, and gives the same job. Throws `payment_required`
 * with what to pay, `header_invalid`, `idempotency_mismatch`, `chain_unavailable`, and what `submitJob` throws.
 */
export async function buyJob(env: Env, purchase: Purchase): Promise<Bought> {
  const chain = openChain(env);
  if (chain === null) throw new InfernetError("unavailable", "This deployment is not set up for Solana.");
  const sale: Sale = { env, chain, purchase };
  if (purchase.payment === undefined) throw await demand(sale, null);
  const offered = await parseOfferedPayment(purchase.payment);
  if ("fault" in offered) throw await demand(sale, offered.fault);
  const name = {
    id: offered.id,
    // The chain shows the payment to everybody, and not the claim: only who made it can repeat it.
    request_sha256: await canonicalDigest([offered.accepted.extra.claim, purchase.body_sha256]),
  };
  const known = unwrap(await env.ACCOUNT.getByName(offered.account_id).payment(name));
  const payment = known ?? (await takePayment(sale, offered, name.request_sha256));
  switch (payment.state) {
    case "open":
      throw new InfernetError(
        "chain_unavailable",
        `The payment ${payment.signature} is not final yet: repeat the same request, which charges nothing more.`,
        { headers: { "Retry-After": "5" } },
      );
    case "failed":
      throw await demand(sale, payment.detail ?? "it failed");
    case "paid":
      return submitPaid(sale, payment, name.request_sha256);
    default:
      return payment.state satisfies never;
  }
}

interface Sale {
  env: Env;
  chain: Chain;
  purchase: Purchase;
}

interface Quote {
  due: Due;
  house: House;
  quoted: bigint;
}

/** What the job costs now, and where to pay it. Throws what is wrong with the request. */
async function quote({ env, chain, purchase }: Sale): Promise<Quote> {
  const now_ms = Date.now();
  const { price } = await checkJob(env, purchase.request, now_ms);
  const house = await openHouse(env, chain, now_ms);
  const { address: fee_payer } = await createSeedSigner(chain.settings.seed);
  const quoted = BigInt(price.quoted_micro);
  const { mint, client } = chain.settings;
  const { escrow, vault } = house;
  // Nothing can be paid with nothing, and what makes the account is a payment.
  const amount = quoted > 0n ? quoted : 1n;
  return {
    due: { network: networkOf(client.genesis_hash), mint, escrow, vault, fee_payer, amount },
    house,
    quoted,
  };
}

const urlOf = ({ origin }: Purchase): string => `${origin}/jobs`;

async function demand(sale: Sale, fault: string | null): Promise<InfernetError> {
  return paymentRequired(urlOf(sale.purchase), (await quote(sale)).due, fault);
}

/** Checks a payment that was not seen before, signs for its fee, and has it stored and sent. */
async function takePayment(
  sale: Sale,
  { id, account_id, accepted, payment }: OfferedPayment,
  request_sha256: Sha256,
): Promise<PaymentView> {
  const { env, chain, purchase } = sale;
  const { due, house, quoted } = await quote(sale);
  const refuse = (fault: string): InfernetError => paymentRequired(urlOf(purchase), due, fault);
  const fault = findFault(payment, accepted, due);
  if (fault !== null) throw refuse(fault);
  const [lifetime, [source]] = await onChain(() =>
    Promise.all([
      chain.client.readLifetime(payment.blockhash),
      chain.client.readTokenAccounts([payment.source]),
    ]),
  );
  const obstacle = findObstacle(payment, source, lifetime);
  if (obstacle !== null || lifetime === null) throw refuse(obstacle ?? "its blockhash has expired");
  const aggregator = await createSeedSigner(chain.settings.seed);
  const { raw, signature, last_valid_block_height } = await coSignPayment(payment, aggregator, lifetime);
  return unwrap(
    await env.ACCOUNT.getByName(account_id).pay({
      id,
      account_id,
      account_name: `x402 ${payment.payer}`,
      key_sha256: await hashSecret(await keyOf(env, account_id)),
      request_sha256,
      payer: SolanaAddress.parse(payment.payer),
      unit: USDC_SOLANA,
      escrow: SolanaAddress.parse(house.escrow),
      deadline_ms: house.deadline_ms,
      amount: payment.amount,
      quoted,
      raw: base64.encode(raw),
      signature,
      last_valid_block_height,
    }),
  );
}

/** The key of an account that a payment made: the same each time, and kept nowhere. */
async function keyOf(env: Env, account_id: AccountId): Promise<ApiKey> {
  const secret = await (await loadNetworkKey(env)).derive(`x402 key ${account_id}`);
  return ApiKey.parse(`infk_${account_id.slice("acct_".length)}_${base64urlnopad.encode(secret)}`);
}

async function submitPaid(
  { env, chain, purchase }: Sale,
  { account, signature, payer, escrow, amount_micro, quoted_micro, job_id, at_ms }: PaymentView,
  request_sha256: Sha256,
): Promise<Bought> {
  const network = networkOf(chain.settings.client.genesis_hash);
  const headers = {
    "PAYMENT-RESPONSE": encodeHeader({
      success: true,
      transaction: signature,
      network,
      payer,
      amount: amount_micro,
    }),
    "Infernet-Api-Key": await keyOf(env, account.id),
    "Cache-Control": "no-store",
  };
  try {
    assertRemembered(at_ms, Date.now());
    const submitted = await submitJob(
      env,
      { ...purchase.request, payment: { unit: "usdc:solana", escrow } },
      { account, origin: purchase.origin, purchase: { quoted_micro, job_id } },
      { key: `${account.id}:x402`, request_sha256 },
    );
    return { ...submitted, account_id: account.id, headers };
  } catch (error) {
    // It was paid all the same: with the key its buyer has what is left of the money for other requests.
    if (!(error instanceof InfernetError)) throw error;
    throw new InfernetError(error.code, error.message, {
      ...error.context,
      headers: { ...error.context.headers, ...headers },
    });
  }
}

/** A payment repeated so late that nobody remembers its job would make another. Throws `idempotency_mismatch`. */
function assertRemembered(at_ms: number, now_ms: number): void {
  if (now_ms - at_ms < LIMITS.idempotency_window_ms) return;
  throw new InfernetError(
    "idempotency_mismatch",
    `This payment was made more than ${LIMITS.idempotency_window_ms / 3_600_000} hours ago; what its job left is on its account.`,
  );
}
