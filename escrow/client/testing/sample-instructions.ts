import type { TransactionInstruction } from "@solana/web3.js";
import { commitmentMessage, payeePath, payeeRoot, payeeTree } from "../../solana/layout.ts";
import { addressBytes } from "../address.ts";
import { depositBond } from "../instructions/deposit-bond.ts";
import { exitBond } from "../instructions/exit-bond.ts";
import { openEscrow } from "../instructions/open-escrow.ts";
import { refundEscrow } from "../instructions/refund-escrow.ts";
import { releaseEscrow } from "../instructions/release-escrow.ts";
import { requestBondExit } from "../instructions/request-bond-exit.ts";
import { slashBond } from "../instructions/slash-bond.ts";
import { topUpEscrow } from "../instructions/top-up-escrow.ts";
import { verifySignatures } from "../instructions/verify-signatures.ts";
import { createTokenAccount } from "../token-account.ts";
import { plainAddress } from "./seeds.ts";

export const PROGRAM = plainAddress(0xee);
const CLIENT = plainAddress(1);
const AGGREGATOR = plainAddress(2);
const MINT = plainAddress(3);
const RENT_PAYER = plainAddress(4);
const SOURCE = plainAddress(5);
const ESCROW = plainAddress(6);
const FEE_TOKEN = plainAddress(7);
const PROVIDER = plainAddress(8);
const OWNERS = [20, 21, 22].map(plainAddress);
const TREE = payeeTree(OWNERS.map(addressBytes));
const TERMS = {
  client: CLIENT,
  rent_payer: RENT_PAYER,
  source: SOURCE,
  mint: MINT,
  aggregator: AGGREGATOR,
  id: new Uint8Array(32).fill(9),
  fee_bps: 200,
  deadline: 1_800_000_000n,
  amount: 1_000_000n,
};
const RELEASE = { escrow: ESCROW, mint: MINT, fee_token: FEE_TOKEN, releases: 7, fee: 20n };
const REFUND = {
  escrow: ESCROW,
  mint: MINT,
  client: CLIENT,
  client_token: SOURCE,
  rent_payer: RENT_PAYER,
  aggregator: AGGREGATOR,
};
const TOP_UP = { funder: AGGREGATOR, source: SOURCE, client: CLIENT, escrow: ESCROW, mint: MINT };
const statement = (root: number) => ({
  signature: new Uint8Array(64).fill(root + 1),
  public_key: addressBytes(PROVIDER),
  message: commitmentMessage(new Uint8Array(32).fill(0xc0), new Uint8Array(32).fill(root)),
});

/** One of each kind, from fixed arguments: what `vectors.json` holds the bytes of. */
export const SAMPLE_INSTRUCTIONS: Record<string, () => TransactionInstruction> = {
  "open, to a committed set": () =>
    openEscrow(PROGRAM, { ...TERMS, payees: { kind: "committed", root: payeeRoot(TREE) } }),
  "open, to the bonded": () => openEscrow(PROGRAM, { ...TERMS, payees: { kind: "bonded", min_bond: 500n } }),
  "top up": () => topUpEscrow(PROGRAM, { ...TOP_UP, amount: 5n, deadline: null }),
  "top up, with a later deadline": () =>
    topUpEscrow(PROGRAM, { ...TOP_UP, amount: 0n, deadline: 1_800_000_001n }),
  "release, to a committed set": () =>
    releaseEscrow(PROGRAM, {
      ...RELEASE,
      authority: CLIENT,
      payees: {
        kind: "committed",
        payees: [0, 2].map((index) => ({
          token_account: plainAddress(30 + index),
          amount: 490n,
          index,
          path: payeePath(TREE, index),
        })),
      },
    }),
  "release, to the bonded": () =>
    releaseEscrow(PROGRAM, {
      ...RELEASE,
      authority: AGGREGATOR,
      payees: {
        kind: "bonded",
        payees: [{ token_account: plainAddress(30), amount: 980n, bond: plainAddress(40) }],
      },
    }),
  "refund, after the deadline": () => refundEscrow(PROGRAM, { ...REFUND, isEarly: false }),
  "refund, before it": () => refundEscrow(PROGRAM, { ...REFUND, isEarly: true }),
  "bond deposit": () =>
    depositBond(PROGRAM, {
      provider: PROVIDER,
      rent_payer: RENT_PAYER,
      source: SOURCE,
      source_owner: CLIENT,
      mint: MINT,
      amount: 500n,
      payout: plainAddress(10),
    }),
  "bond exit request": () => requestBondExit(PROGRAM, PROVIDER, MINT),
  "bond exit": () =>
    exitBond(PROGRAM, { provider: PROVIDER, mint: MINT, destination: SOURCE, rent_payer: RENT_PAYER }),
  slash: () =>
    slashBond(PROGRAM, { provider: PROVIDER, mint: MINT, reporter_token: SOURCE, rent_payer: RENT_PAYER }),
  "two commitments, for the Ed25519 precompile": () => verifySignatures([statement(1), statement(2)]),
  "create a token account": () => createTokenAccount(CLIENT, AGGREGATOR, MINT),
};
