import { parseAddress } from "@infernet/escrow/client/address";
import { createEscrowClient } from "@infernet/escrow/client/create-escrow-client";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { EscrowError } from "@infernet/escrow/client/escrow-error";
import { createSeedSigner, type Signer } from "@infernet/escrow/client/signer";
import { deriveTokenAccount } from "@infernet/escrow/client/token-account";
import { payeesPerRelease } from "@infernet/escrow/client/transaction/payees-per-release";
import { parseVoucher } from "@infernet/escrow/client/voucher";
import { feeCap } from "@infernet/protocol/settlement-batch/batch-fee";
import { InfernetError } from "@infernet/schemas/errors";
import type { PaymentOutcome, PaymentTerms, Preparation, Rail, RailCapabilities } from "./rail.ts";
import { createSolanaBonds } from "./solana-bonds.ts";
import { createSolanaDesk } from "./solana-escrows.ts";
import { addressOf, checkBondedPayees } from "./solana-payees.ts";
import type { SolanaSettings } from "./solana-settings.ts";
import { parseStep, renderStep, type SolanaStep } from "./solana-step.ts";
import { USDC_SOLANA } from "./solana-unit.ts";
import { onChain } from "./translate-escrow-error.ts";

const CAPABILITIES: RailCapabilities = {
  unit: USDC_SOLANA,
  partial_capture: true,
  many_payees: true,
  bonds: true,
  escrows: true,
  // A cent: a release costs 5,000 lamports, as many more when it shows a voucher, and the priority fee if one is set.
  smallest_payment: 10_000n,
  // With the voucher: a batch is chosen before it is known whether it has to be shown.
  payees_per_payment: payeesPerRelease({
    payees: "bonded",
    depth: 0,
    byVoucher: true,
    hasOwnFeePayer: false,
  }),
};

/** Compute units of a release: 12 payees use 25,000 as a rule, and finding an address may cost several times 1,500 more. */
const UNIT_LIMIT = 120_000;

interface SolanaRail {
  client: EscrowClient;
  aggregator: Signer;
  settings: SolanaSettings;
}

/** Pays from escrows of the program, with the aggregator's key and the client's voucher, to providers that have bonded. */
export async function createSolanaRail(
  settings: SolanaSettings,
  now: () => number = () => Date.now(),
  client: EscrowClient = createEscrowClient(settings.client),
): Promise<Rail> {
  const aggregator = await createSeedSigner(settings.seed);
  const { mint } = settings;
  return {
    capabilities: CAPABILITIES,
    escrows: createSolanaDesk({ client, mint, aggregator: aggregator.address }),
    bonds: createSolanaBonds({ client, mint, aggregator, unit_price: settings.unit_price }),
    checkPayees: (place, payees) =>
      onChain(async () => {
        if (place === null)
          return payees.map(() => ({
            state: "missing",
            detail: "on Solana payouts come from escrows alone",
          }));
        return checkBondedPayees(client, mint, place, payees, now());
      }),
    prepare: (terms) => onChain(() => prepareRelease({ client, aggregator, settings }, terms)),
    advance: (step) => onChain(() => advanceRelease(client, parseStep(step))),
  };
}

async function prepareRelease(
  { client, aggregator, settings }: SolanaRail,
  { place, shares, fee }: PaymentTerms,
): Promise<Preparation> {
  if (place === null) return { kind: "refused", detail: "on Solana payouts come from escrows alone" };
  if (fee > 0n) await assertFeeAccount(client, deriveTokenAccount(aggregator.address, settings.mint));
  const escrow = parseAddress(place.escrow);
  try {
    const transaction = await client.prepareRelease(
      {
        escrow,
        authority: aggregator,
        voucher: parseVoucher(place.voucher),
        releases: place.sequence,
        shares: {
          kind: "bonded",
          shares: shares.map(({ provider, amount }) => ({ provider: addressOf(provider), amount })),
        },
        fee,
      },
      { fee_payer: aggregator, unit_limit: UNIT_LIMIT, unit_price: settings.unit_price },
    );
    const { opened, sequence } = place;
    const amounts = shares.map(({ amount }) => amount);
    return { kind: "prepared", step: renderStep({ transaction, escrow, opened, sequence, amounts, fee }) };
  } catch (error) {
    if (!(error instanceof EscrowError)) throw error;
    if (error.code === "release_superseded") return { kind: "superseded" };
    if (REFUSALS.has(error.code)) return { kind: "refused", detail: error.message };
    throw error;
  }
}

const REFUSALS: ReadonlySet<string> = new Set([
  "release_refused",
  "voucher_invalid",
  "account_missing",
  "account_invalid",
  "transaction_too_large",
  "amount_invalid",
]);

/** Throws `unavailable`: the operator has to open its own account before a fee can be paid into it. */
async function assertFeeAccount(
  client: EscrowClient,
  address: ReturnType<typeof deriveTokenAccount>,
): Promise<void> {
  const [account] = await client.readTokenAccounts([address]);
  if (account?.state === "ready") return;
  throw new InfernetError(
    "unavailable",
    `The aggregator's token account ${address}, which fees go to, is ${account?.state ?? "missing"}: send some of the coin to the aggregator's address.`,
  );
}

async function advanceRelease(client: EscrowClient, step: SolanaStep): Promise<PaymentOutcome> {
  const outcome = await client.advance(step.transaction);
  switch (outcome.state) {
    case "unknown":
      return { state: "unknown", detail: outcome.refusal };
    case "seen":
      return { state: "pending" };
    case "expired":
      return { state: "expired" };
    case "failed":
      return { state: "failed", detail: outcome.failure.text, position: outcome.slot };
    case "landed":
      return readLanding(client, step, outcome.slot);
    default:
      return outcome satisfies never;
  }
}

/** Who was paid stands in the escrow until its next release. */
async function readLanding(client: EscrowClient, step: SolanaStep, slot: number): Promise<PaymentOutcome> {
  const { signature } = step.transaction;
  const handed_over = (detail: string): PaymentOutcome => ({
    state: "handed_over",
    reference: signature,
    detail,
    position: slot,
  });
  let escrow: Awaited<ReturnType<EscrowClient["readEscrow"]>>;
  try {
    escrow = await client.readEscrow(step.escrow);
  } catch (error) {
    const isClosed = error instanceof EscrowError && error.code === "account_missing";
    if (isClosed) return handed_over("It landed, and the escrow was closed before it told who was paid.");
    throw error;
  }
  if (escrow.opened_slot.toString() !== step.opened)
    return handed_over("It landed, and the escrow was closed and opened anew before it told who was paid.");
  if (escrow.releases > step.sequence + 1)
    return handed_over("It landed, and the client released more before the escrow told who was paid.");
  // An endpoint that lags behind the one that saw it land.
  if (escrow.releases <= step.sequence) return { state: "pending" };
  const paid = step.amounts.map((_, i) => ((escrow.last_paid >>> i) & 1) === 1);
  const shared = step.amounts.reduce((sum, amount, i) => (paid[i] ? sum + amount : sum), 0n);
  const cap = feeCap(shared, escrow.fee_bps);
  return { state: "done", reference: signature, paid, fee: step.fee < cap ? step.fee : cap, position: slot };
}
