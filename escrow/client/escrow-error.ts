/** One kind of failure: whether the same call may succeed later, and what to do about it. */
interface EscrowErrorKind {
  retryable: boolean;
  hint: string;
}

/** The catalogue. Codes are only ever added: callers branch on them. */
export const ESCROW_ERRORS = {
  settings_invalid: { retryable: false, hint: "Correct the setting that the message names." },
  address_invalid: { retryable: false, hint: "An address is 32 bytes in base58, as wallets show it." },
  amount_invalid: {
    retryable: false,
    hint: "Amounts are whole base units of the mint, as bigint, from 0 to 2^53 - 1.",
  },
  argument_invalid: { retryable: false, hint: "Correct the argument that the message names." },
  signer_missing: { retryable: false, hint: "Pass a signer for each address that has to sign." },
  signature_invalid: {
    retryable: false,
    hint: "The signer gave something else than the Ed25519 signature of its address over the message.",
  },
  voucher_invalid: {
    retryable: false,
    hint: "Ask the client for a voucher over this escrow's address and opened_slot.",
  },
  transaction_too_large: {
    retryable: false,
    hint: "Release to fewer payees at once: payeesPerRelease says how many fit.",
  },
  payment_invalid: {
    retryable: false,
    hint: "A payment is one TransferChecked by its second signer, with a compute unit limit and price; the first signer pays the fee.",
  },
  release_superseded: {
    retryable: false,
    hint: "Call advance with what was stored under this number: landed says that it was this payment, expired that another release took the number, and this payment needs the next.",
  },
  release_refused: { retryable: false, hint: "The program would refuse it; change what the message names." },
  evidence_invalid: {
    retryable: false,
    hint: "A bond answers for two roots that its provider signed under one context.",
  },
  account_missing: {
    retryable: false,
    hint: "It was closed, or not opened yet, or it is on another cluster or under another program.",
  },
  account_invalid: {
    retryable: false,
    hint: "Do not trust this address: it does not hold what it is said to hold.",
  },
  program_error: {
    retryable: false,
    hint: "The transaction was refused and moved nothing. The program's README lists its errors.",
  },
  rpc_unavailable: {
    retryable: true,
    hint: "Nothing is known, and nothing has failed. Try again, or configure another endpoint.",
  },
  rpc_contradicts: {
    retryable: true,
    hint: "Trust neither endpoint until it is clear which one lies or lags.",
  },
  wrong_cluster: {
    retryable: false,
    hint: "Configure endpoints of the cluster whose genesis hash is configured.",
  },
  mainnet_refused: {
    retryable: false,
    hint: "The program is not audited. Set allow_mainnet only if you accept losing what is put in.",
  },
} as const satisfies Record<string, EscrowErrorKind>;

export type EscrowErrorCode = keyof typeof ESCROW_ERRORS;

/** A failure with a code to branch on. Messages name no keys and no endpoint's URL, which may hold a secret. */
export class EscrowError extends Error {
  readonly code: EscrowErrorCode;
  readonly hint: string;
  readonly retryable: boolean;

  constructor(code: EscrowErrorCode, message: string) {
    super(message);
    this.name = "EscrowError";
    this.code = code;
    this.hint = ESCROW_ERRORS[code].hint;
    this.retryable = ESCROW_ERRORS[code].retryable;
  }
}
