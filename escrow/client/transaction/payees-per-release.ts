import { type TransactionInstruction, TransactionMessage } from "@solana/web3.js";
import { PAYEES_MAX } from "../../solana/layout.ts";
import { type Address, publicKeyOf, renderAddress } from "../address.ts";
import { type Payees, releaseEscrow } from "../instructions/release-escrow.ts";
import { verifySignatures } from "../instructions/verify-signatures.ts";
import { computeBudget } from "./compute-budget.ts";
import { TRANSACTION_BYTES_MAX, transactionBytes } from "./transaction-bytes.ts";

export interface ReleaseShape {
  payees: "committed" | "bonded";
  /** Of the tree of payees with rule 1; 0 with rule 2. */
  depth: number;
  /** Whether the client's voucher is shown: by the aggregator, for more than the escrow has been shown one for. */
  byVoucher: boolean;
  /** Whether another than the authority pays the transaction's fee. */
  hasOwnFeePayer: boolean;
}

/** How many payees fit into one release of this shape: as many as fill a transaction, at most 12. */
export function payeesPerRelease(shape: ReleaseShape): number {
  for (let count = PAYEES_MAX; count > 0; count -= 1)
    if (releaseBytes(shape, count) <= TRANSACTION_BYTES_MAX) return count;
  return 0;
}

/** With compute budget instructions, which any release may have. */
function releaseBytes(shape: ReleaseShape, count: number): number {
  const fresh = addresses();
  const authority = fresh();
  const instructions: TransactionInstruction[] = [
    ...computeBudget({ unit_limit: 1, unit_price: 1n }, 1n),
    ...(shape.byVoucher ? [verifySignatures([EMPTY_VOUCHER])] : []),
    releaseEscrow(fresh(), {
      authority,
      escrow: fresh(),
      mint: fresh(),
      fee_token: fresh(),
      releases: 0,
      fee: 0n,
      payees: samplePayees(shape, count, fresh),
    }),
  ];
  const message = new TransactionMessage({
    payerKey: publicKeyOf(shape.hasOwnFeePayer ? fresh() : authority),
    recentBlockhash: fresh(),
    instructions,
  });
  return transactionBytes(message.compileToV0Message());
}

const EMPTY_VOUCHER = {
  signature: new Uint8Array(64),
  public_key: new Uint8Array(32),
  message: new Uint8Array(64),
};

function samplePayees({ payees, depth }: ReleaseShape, count: number, fresh: () => Address): Payees {
  const numbers = Array.from({ length: count }, (_, index) => index);
  if (payees === "bonded")
    return {
      kind: "bonded",
      payees: numbers.map(() => ({ token_account: fresh(), bond: fresh(), amount: 1n })),
    };
  const path = Array.from({ length: depth }, () => new Uint8Array(32));
  return {
    kind: "committed",
    payees: numbers.map((index) => ({ token_account: fresh(), amount: 1n, index, path })),
  };
}

/** One address after another, none twice. */
function addresses(): () => Address {
  let made = 0;
  return () => {
    made += 1;
    return renderAddress(new Uint8Array(32).fill(made));
  };
}
