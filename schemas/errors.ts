import type { RequestId } from "./ids.ts";
import type { Problem } from "./problem.ts";

/** One kind of failure: what it is called, how HTTP says it, whether the same request may succeed later. */
interface ErrorKind {
  status: 400 | 401 | 402 | 403 | 404 | 405 | 406 | 409 | 410 | 413 | 415 | 416 | 422 | 429 | 500 | 503 | 504;
  title: string;
  retryable: boolean;
  /** What to do about it. */
  hint: string;
}

/** The error catalogue. Codes are only ever added: clients branch on them. */
export const ERRORS = {
  request_malformed: {
    status: 400,
    title: "The request cannot be read",
    retryable: false,
    hint: "Send well-formed JSON (or CBOR where the route says so) with the matching Content-Type.",
  },
  request_invalid: {
    status: 422,
    title: "The request breaks the schema",
    retryable: false,
    hint: "Correct the members that `errors` points at; GET /openapi.json holds the schema.",
  },
  header_invalid: {
    status: 400,
    title: "A header has a value that cannot be used",
    retryable: false,
    hint: "See `detail` for the header and the values it takes.",
  },
  authentication_missing: {
    status: 401,
    title: "No API key",
    retryable: false,
    hint: "Send `Authorization: Bearer <api key>`; the operator makes keys with POST /accounts.",
  },
  authentication_failed: {
    status: 401,
    title: "The API key is not valid",
    retryable: false,
    hint: "Check that the whole key was sent and that it belongs to this deployment.",
  },
  signature_missing: {
    status: 401,
    title: "The request is not signed",
    retryable: false,
    hint: "Runner routes need Signature, Signature-Input and Content-Digest headers (RFC 9421, RFC 9530).",
  },
  signature_invalid: {
    status: 401,
    title: "The signature does not verify",
    retryable: false,
    hint: "Check the clock (60 s of skew are allowed), the covered components and that keyid is the runner's id.",
  },
  forbidden: {
    status: 403,
    title: "Not allowed with this key",
    retryable: false,
    hint: "Use the key of the account that owns it, or the operator's key where `detail` says so.",
  },
  not_found: {
    status: 404,
    title: "There is no such thing here",
    retryable: false,
    hint: "Check the id; finished jobs are kept for 48 hours.",
  },
  method_not_allowed: {
    status: 405,
    title: "The route does not take this method",
    retryable: false,
    hint: "GET /openapi.json lists routes and methods.",
  },
  not_acceptable: {
    status: 406,
    title: "No representation fits the Accept header",
    retryable: false,
    hint: "Ask for application/json or application/cbor.",
  },
  unsupported_media_type: {
    status: 415,
    title: "The Content-Type is not understood here",
    retryable: false,
    hint: "Use the media type that GET /openapi.json names for the route.",
  },
  body_too_large: {
    status: 413,
    title: "The body is over the limit",
    retryable: false,
    hint: "Upload large tensors with PUT /blobs/<sha256> and name the blob in the tensor.",
  },
  rate_limited: {
    status: 429,
    title: "Too many requests",
    retryable: true,
    hint: "Wait as long as Retry-After says.",
  },
  idempotency_in_flight: {
    status: 409,
    title: "A request with this Idempotency-Key is being worked on",
    retryable: true,
    hint: "Repeat the request in a moment: it will then be answered with the first one's answer.",
  },
  idempotency_mismatch: {
    status: 422,
    title: "This Idempotency-Key came with another payload before",
    retryable: false,
    hint: "Use a new key for a new request.",
  },
  model_unknown: {
    status: 422,
    title: "There is no such model",
    retryable: false,
    hint: "GET /models lists them; POST /models registers one.",
  },
  model_name_taken: {
    status: 409,
    title: "Another account owns this model name",
    retryable: false,
    hint: "Choose another name, or register without one and use the digest.",
  },
  model_file_missing: {
    status: 422,
    title: "A file of the model has not been uploaded",
    retryable: false,
    hint: "PUT /blobs/<sha256> each file first.",
  },
  input_mismatch: {
    status: 422,
    title: "The input does not fit the model",
    retryable: false,
    hint: "Give one tensor for each input of the manifest, with its name, datatype and row shape.",
  },
  input_empty: {
    status: 422,
    title: "The input has no rows",
    retryable: false,
    hint: "Send at least one row.",
  },
  input_blob_missing: {
    status: 422,
    title: "An input blob has not been uploaded",
    retryable: false,
    hint: "PUT /blobs/<sha256> it first.",
  },
  too_many_rows: {
    status: 422,
    title: "The job has too many rows or shards",
    retryable: false,
    hint: "Split it into several jobs, or ask for larger shards.",
  },
  deadline_invalid: {
    status: 422,
    title: "The deadline is past or too far away",
    retryable: false,
    hint: "Choose a time within the next 24 hours.",
  },
  offer_too_low: {
    status: 402,
    title: "The offer is below the price",
    retryable: false,
    hint: "POST /jobs/quote tells the price; raise `offer.max_micro` to it.",
  },
  webhook_refused: {
    status: 422,
    title: "The webhook address is not allowed",
    retryable: false,
    hint: "Use a public https address.",
  },
  webhook_disabled: {
    status: 422,
    title: "The webhook address has been disabled",
    retryable: false,
    hint: "It answered 410 Gone. POST /webhooks/test enables it again once it answers 2xx.",
  },
  job_not_finished: {
    status: 409,
    title: "The job has no result yet",
    retryable: true,
    hint: "Wait for it: GET /jobs/<id>/events streams its progress.",
  },
  job_has_no_result: {
    status: 409,
    title: "The job ended without a result",
    retryable: false,
    hint: "GET /jobs/<id> shows why in `error`.",
  },
  job_finished: {
    status: 409,
    title: "The job has already ended",
    retryable: false,
    hint: "GET /jobs/<id> shows how.",
  },
  result_expired: {
    status: 410,
    title: "The result is no longer kept",
    retryable: false,
    hint: "Fetch results before `result.expires_at`.",
  },
  digest_mismatch: {
    status: 422,
    title: "The bytes do not have the sha256 that names them",
    retryable: false,
    hint: "Hash the exact bytes you send, in lower-case hexadecimal.",
  },
  lease_unknown: {
    status: 409,
    title: "The lease does not exist or is another runner's",
    retryable: false,
    hint: "Submit only what was leased to this runner, under the lease's own ids.",
  },
  output_invalid: {
    status: 422,
    title: "The output does not fit the model",
    retryable: false,
    hint: "Return one tensor for each output of the manifest with exactly the lease's rows.",
  },
  shard_failed: {
    status: 422,
    title: "A shard failed on several runners",
    retryable: false,
    hint: "`detail` holds the runner's reason; check that the model loads and accepts these rows.",
  },
  not_streamed: {
    status: 409,
    title: "The job is not streamed",
    retryable: false,
    hint: "Post it with `generation: { stream: true }`, on a model that generates text.",
  },
  stream_lost: {
    status: 503,
    title: "The machine that was answering is gone, and no other goes on exactly",
    retryable: true,
    hint: 'Send the request again; with failover "continue" a machine of another class goes on as well as it can.',
  },
  generation_invalid: {
    status: 422,
    title: "A completion is not what its request allows",
    retryable: false,
    hint: "`detail` names the row and the rule; usage, tokens and evidence must agree with each other and with the request.",
  },
  stream_differs: {
    status: 422,
    title: "A completion does not begin with what was delivered of it",
    retryable: false,
    hint: "Go on from the tokens that the lease gives; what a client has read cannot change.",
  },
  no_agreement: {
    status: 503,
    title: "The providers did not agree on a shard",
    retryable: true,
    hint: "Submit the job again; more replicas raise the chance of agreement.",
  },
  deadline_exceeded: {
    status: 503,
    title: "The deadline passed before the job was done",
    retryable: true,
    hint: "POST /jobs/quote tells whether enough runners are there; allow more time.",
  },
  result_too_large: {
    status: 413,
    title: "The merged result is over the limit",
    retryable: false,
    hint: "Split the job, or reduce with `merge`.",
  },
  runner_unregistered: {
    status: 409,
    title: "The runner has not registered",
    retryable: true,
    hint: "POST /runner/register first.",
  },
  challenge_gone: {
    status: 409,
    title: "The challenge is no longer out",
    retryable: false,
    hint: "A challenge is answered once, and forgotten when the edge restarts. POST /runner/challenge for another.",
  },
  internal: {
    status: 500,
    title: "Something broke on our side",
    retryable: true,
    hint: "Try again; if it stays, report `request_id` to the operator.",
  },
  unavailable: {
    status: 503,
    title: "The service cannot answer just now",
    retryable: true,
    hint: "Try again as Retry-After says.",
  },
  output_rows: {
    status: 422,
    title: "The output has other rows than the lease",
    retryable: false,
    hint: "Return one row for each row that the lease names, in its order.",
  },
  execution_class_unknown: {
    status: 422,
    title: "The execution class is none that this job can be computed in",
    retryable: false,
    hint: "Name engine/version/provider/precision, with the job's engine and, where it asks for one, its execution provider.",
  },
  commitment_leaves: {
    status: 422,
    title: "The commitment's leaves are cut wrong",
    retryable: false,
    hint: "Put as many rows into a leaf as make 8,192 bytes of output, at least one; see `leafRowsOf`.",
  },
  commitment_signature: {
    status: 422,
    title: "The commitment is not signed for this lease",
    retryable: false,
    hint: "Sign network, job, shard, lease, runner, model, class, rows and root with the key that the runner's id spells; a signature made for another of them does not count.",
  },
  commitment_mismatch: {
    status: 422,
    title: "The commitment is not one to these rows",
    retryable: false,
    hint: "Compute the root over exactly the outputs that are handed in, in the manifest's order.",
  },
  payout_cooling: {
    status: 409,
    title: "The payout address was changed a short while ago",
    retryable: true,
    hint: "Wait until the time that `detail` names is over; if you did not change it, change the machine's key.",
  },
  payout_too_small: {
    status: 409,
    title: "There is too little to be sent",
    retryable: true,
    hint: "Earn more first: GET /providers/me/earnings shows what is held and until when.",
  },
  range_unsatisfiable: {
    status: 416,
    title: "The range lies outside the blob",
    retryable: false,
    hint: "HEAD the blob to learn its size; ask for a range that starts inside it.",
  },
  provider_banned: {
    status: 403,
    title: "The provider is banned",
    retryable: false,
    hint: "`detail` says why, until when, and by when POST /runner/appeal takes an objection.",
  },
  not_banned: {
    status: 409,
    title: "The provider is not banned",
    retryable: false,
    hint: "GET /providers/<id> shows `ban`.",
  },
  appeal_closed: {
    status: 403,
    title: "The time to appeal is over",
    retryable: false,
    hint: "Objections are taken until `ban.appeal_until`; write to the operator.",
  },
  epoch_unannounced: {
    status: 404,
    title: "The epoch is not announced yet",
    retryable: true,
    hint: "The hash of an epoch's seed is told one epoch ahead: GET /epochs lists what is known.",
  },
  calibration_mismatch: {
    status: 422,
    title: "The calibration is of another model",
    retryable: false,
    hint: "Run `infernet-runner calibrate` with this model, and send what it wrote to the model it names.",
  },
  ledger_conflict: {
    status: 409,
    title: "The transfer contradicts one that the ledger holds",
    retryable: false,
    hint: "Repeat a batch unchanged, or choose new ids for new transfers.",
  },
  funds_insufficient: {
    status: 402,
    title: "The balance does not cover the amount",
    retryable: false,
    hint: "Add what `detail` says is missing, or ask for less.",
  },
  ledger_unit_mixed: {
    status: 500,
    title: "A transfer mixes two units",
    retryable: false,
    hint: "Settle a transfer in its own unit; report `request_id` to the operator.",
  },
  amount_invalid: {
    status: 422,
    title: "The amount cannot be used",
    retryable: false,
    hint: "Write a plain decimal number above 0, with no more decimals than the unit has and no more than 2^53 - 1 of its smallest parts.",
  },
  pending_unknown: {
    status: 409,
    title: "There is no such pending transfer",
    retryable: false,
    hint: "Settle a transfer that was posted as pending, by its id.",
  },
  pending_settled: {
    status: 409,
    title: "The pending transfer has been settled",
    retryable: false,
    hint: "A pending transfer is committed or voided once; `detail` names the transfer that did.",
  },
  fee_out_of_range: {
    status: 422,
    title: "The fee is outside its range",
    retryable: false,
    hint: "Set a whole number of basis points between 50 and 200 (0.5 to 2 %).",
  },
  escrow_unknown: {
    status: 422,
    title: "There is no such escrow",
    retryable: false,
    hint: "Open it with the deployment's program, wait until it is final on the chain, and register it then.",
  },
  escrow_expired: {
    status: 422,
    title: "The escrow's deadline is past or too near",
    retryable: false,
    hint: "Move its deadline away with a top up, or open another escrow; `detail` says how far it must be.",
  },
  escrow_mint: {
    status: 422,
    title: "The escrow holds another coin",
    retryable: false,
    hint: "Open one in the mint that `detail` names.",
  },
  escrow_aggregator: {
    status: 422,
    title: "The escrow is for another aggregator",
    retryable: false,
    hint: "Open one for the aggregator that `detail` names.",
  },
  escrow_fee: {
    status: 422,
    title: "The escrow allows less than this deployment's fee",
    retryable: false,
    hint: "Open one with at least the `fee_bps` that `detail` names.",
  },
  escrow_payees: {
    status: 422,
    title: "The escrow's rule about payees is not used here",
    retryable: false,
    hint: "Open one whose payees are bonded (rule 2).",
  },
  escrow_taken: {
    status: 409,
    title: "Another account has registered this escrow",
    retryable: false,
    hint: "Use the account that registered it first, or open another escrow.",
  },
  voucher_invalid: {
    status: 422,
    title: "The voucher is not one for this escrow",
    retryable: false,
    hint: "Sign the escrow's address, its present `opened_slot` and the limit with the key of the escrow's client.",
  },
  voucher_below_captured: {
    status: 409,
    title: "The voucher allows less than one before it, or than was paid",
    retryable: false,
    hint: "A limit only grows: sign one that is at least what `detail` names.",
  },
  chain_unavailable: {
    status: 503,
    title: "The chain cannot be asked just now",
    retryable: true,
    hint: "Nothing is known and nothing has failed: repeat the request in a moment.",
  },
  chain_contradicts: {
    status: 503,
    title: "Two endpoints of the chain contradict each other",
    retryable: true,
    hint: "Repeat the request later; the operator should find out which endpoint lies or lags.",
  },
  payout_not_pending: {
    status: 409,
    title: "The payout does not wait for the operator",
    retryable: false,
    hint: "GET /payouts?state=pending lists those that do; one that is over stays as it is.",
  },
  payment_required: {
    status: 402,
    title: "The job has to be paid for",
    retryable: false,
    hint: "Pay what the PAYMENT-REQUIRED header asks (x402 version 2, scheme exact) and repeat the request with PAYMENT-SIGNATURE, or send the API key of an account.",
  },
  encryption_invalid: {
    status: 422,
    title: "The job's encryption cannot be used",
    retryable: false,
    hint: "Send what `sealJob` made, with the model's digest and `merge: concat`; docs/encryption.md has an example.",
  },
  grants_insufficient: {
    status: 422,
    title: "Too few providers can open the job",
    retryable: false,
    hint: "Grant the key to more providers of GET /providers, or ask for less verification.",
  },
  not_sealed: {
    status: 409,
    title: "The job is not sealed",
    retryable: false,
    hint: "Only a job with `encryption: { mode: provider }` is granted to providers.",
  },
  sealing_key_invalid: {
    status: 422,
    title: "This is not the provider's own sealing key",
    retryable: false,
    hint: "Do not grant it anything. Read the provider again from GET /providers; one whose key stays unsigned is not to be trusted.",
  },
  unsealing_failed: {
    status: 422,
    title: "Something sealed does not open",
    retryable: false,
    hint: "It was changed, moved or cut short on its way, or belongs to another job, model or key: do not use it.",
  },
  context_too_long: {
    status: 422,
    title: "Prompt and completion do not fit into the model's context",
    retryable: false,
    hint: "Shorten the prompt or ask for fewer tokens; GET /v1/models tells how many a model takes.",
  },
  parameter_unsupported: {
    status: 422,
    title: "The parameter cannot be honoured",
    retryable: false,
    hint: "Leave it out, or choose a model that has the feature: GET /v1/models lists `features`.",
  },
  generation_failed: {
    status: 503,
    title: "A completion could not be made",
    retryable: true,
    hint: "`detail` holds the machine's reason. Send the request again; another machine may answer it.",
  },
  no_machine_fits: {
    status: 503,
    title: "No machine that is online fits the request",
    retryable: true,
    hint: "`detail` says what machines lack. Ask for less in `provider`, or try again when more machines are online.",
  },
  answer_late: {
    status: 504,
    title: "The answer was not there in time",
    retryable: false,
    hint: "Its job was canceled and costs what was made. Use `stream: true`, or POST /jobs for what takes long.",
  },
  too_many_files: {
    status: 409,
    title: "The account has as many files as are kept",
    retryable: false,
    hint: "Delete files that are no longer needed: DELETE /v1/files/<id>.",
  },
  too_many_batches: {
    status: 429,
    title: "Too many batches of the account are open",
    retryable: true,
    hint: "Wait until one is over, or cancel one; a batch takes up to 50,000 lines.",
  },
  batch_over: {
    status: 409,
    title: "The batch has already ended, or is about to",
    retryable: false,
    hint: "GET /v1/batches/<id> shows how.",
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

export interface ErrorContext {
  /** JSON pointers (RFC 6901) into the request. */
  errors?: { pointer: string; detail: string }[];
  headers?: Record<string, string>;
}

/** A failure from the catalogue. `detail` names the thing, the rule with its numbers, and never a secret. */
export class InfernetError extends Error {
  readonly code: ErrorCode;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, detail: string, context: ErrorContext = {}) {
    super(detail);
    this.name = "InfernetError";
    this.code = code;
    this.context = context;
  }
}

/** Where the page about a code stands on every edge. */
export const errorPath = (code: ErrorCode): string => `/errors/${code}`;

export function renderProblem(error: InfernetError, requestId: RequestId | null): Problem {
  const kind = ERRORS[error.code];
  return {
    type: errorPath(error.code),
    title: kind.title,
    status: kind.status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
    retryable: kind.retryable,
    hint: kind.hint,
    ...(error.context.errors ? { errors: error.context.errors } : {}),
  };
}
