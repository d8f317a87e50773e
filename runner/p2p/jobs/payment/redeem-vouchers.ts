import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseAddress } from "@infernet/escrow/client/address";
import type { BroadcastOutcome } from "@infernet/escrow/client/broadcast/broadcast-outcome";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { deriveTokenAccount } from "@infernet/escrow/client/token-account";
import type { SignedTransaction } from "@infernet/escrow/client/transaction/signed-transaction";
import { parseVoucher } from "@infernet/escrow/client/voucher";
import type { SolanaAddress } from "@infernet/schemas/solana";
import { z } from "zod";
import type { Identity } from "../../../identity/identity.ts";
import { RunnerError } from "../../../runner-error.ts";
import { writeJson } from "../../../write-json.ts";
import { solanaSigner } from "./solana-signer.ts";
import type { Owed } from "./voucher-book.ts";

export interface RedeemOptions {
  escrows: EscrowClient;
  identity: Identity;
  /** Folder of the signed releases that are on their way. */
  dir: string;
  patience_ms: number;
}

/** What came of redeeming on one escrow. */
export interface Redemption {
  escrow: SolanaAddress;
  amount_micro: string;
  /** `nothing`: all that is owed was released. `pending`: ask again later, with what was signed. */
  state: "nothing" | "landed" | "failed" | "pending";
  /** The transaction, where one was sent. */
  signature: string | null;
  detail: string | null;
}

/** A release that was signed, kept before it is sent: no other is signed until its fate is known. */
const KeptRelease = z.strictObject({
  amount_micro: z.string(),
  signature: z.string(),
  raw: z.string(),
  last_valid_block_height: z.int(),
});
type KeptRelease = z.infer<typeof KeptRelease>;

/**
 * Releases the prices of jobs that were done on an escrow to this provider's own token account, by its own key and the client's highest voucher. A process that dies
 * between two lines goes on with the transaction that it stored. Throws `EscrowError`, and RunnerError `payout_refused` when
 * there is no token account to be paid to.
 */
export async function redeemVoucher(options: RedeemOptions, owed: Owed): Promise<Redemption> {
  const { escrows, identity, dir } = options;
  const path = join(dir, `${owed.escrow}-${owed.opened_slot}.json`);
  const kept = await readKept(path);
  if (kept !== null) {
    const told = await settle(options, path, owed, kept);
    // Expired: nothing was moved and nothing will be by it.
    if (told !== null) return told;
  }
  const address = parseAddress(owed.escrow);
  const { escrow, deposited } = await escrows.readDeposit(address);
  const promised = BigInt(owed.promised_micro);
  const amount = (promised < deposited ? promised : deposited) - escrow.paid;
  const nothing = { escrow: owed.escrow, amount_micro: "0", signature: null, detail: null };
  if (amount <= 0n) return { ...nothing, state: "nothing" };
  const signer = solanaSigner(identity);
  await assertPayable(escrows, signer.address, escrow.mint);
  const transaction = await escrows.prepareRelease(
    {
      escrow: address,
      authority: signer,
      voucher: parseVoucher(owed.voucher),
      releases: escrow.releases,
      shares: { kind: "committed", owners: [signer.address], shares: [{ index: 0, amount }] },
      fee: 0n,
    },
    { fee_payer: signer },
  );
  const { signature, raw, last_valid_block_height } = transaction;
  const release = {
    amount_micro: amount.toString(),
    signature,
    raw: Buffer.from(raw).toString("base64url"),
    last_valid_block_height,
  };
  await writeJson(path, release);
  const told = await settle(options, path, owed, release);
  return told ?? { ...nothing, state: "failed", signature, detail: "it expired; redeem again" };
}

/** What became of a stored release; null when it expired. */
async function settle(
  { escrows, patience_ms }: RedeemOptions,
  path: string,
  { escrow }: Owed,
  { amount_micro, signature, raw, last_valid_block_height }: KeptRelease,
): Promise<Redemption | null> {
  const transaction: SignedTransaction = {
    signature,
    raw: new Uint8Array(Buffer.from(raw, "base64url")),
    last_valid_block_height,
  };
  const outcome = await escrows.settle(transaction, { patience_ms });
  const told = { escrow, amount_micro, signature };
  switch (outcome.state) {
    case "landed":
      await rm(path, { force: true });
      return { ...told, state: "landed", detail: null };
    case "failed":
      await rm(path, { force: true });
      return { ...told, state: "failed", detail: JSON.stringify(outcome.failure) };
    case "expired":
      await rm(path, { force: true });
      return null;
    case "seen":
    case "unknown":
      return { ...told, state: "pending", detail: refusalIn(outcome) };
    default:
      return outcome satisfies never;
  }
}

const refusalIn = (outcome: BroadcastOutcome): string | null =>
  outcome.state === "unknown" ? outcome.refusal : null;

async function assertPayable(
  escrows: EscrowClient,
  owner: ReturnType<typeof solanaSigner>["address"],
  mint: ReturnType<typeof parseAddress>,
): Promise<void> {
  const account = deriveTokenAccount(owner, mint);
  const [read] = await escrows.readTokenAccounts([account]);
  if (read?.state === "ready") return;
  throw new RunnerError(
    "payout_refused",
    `the token account ${account} of ${owner} for ${mint} is ${read?.state ?? "missing"}; a wallet or \`spl-token create-account\` opens one`,
  );
}

async function readKept(path: string): Promise<KeptRelease | null> {
  try {
    return KeptRelease.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new RunnerError("home_unusable", `the release in ${path} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}
