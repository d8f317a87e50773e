/**
 * What can stop a runner on its own machine: each kind has an exit code of the CLI and a hint. What an edge answers is in
 * the network's catalogue (`schemas/errors.ts`); these never travel.
 */
export const RUNNER_ERRORS = {
  usage: { exit_code: 2, hint: "Run `infernet-runner --help`." },
  config_invalid: {
    exit_code: 2,
    hint: "Mend it there; `infernet-runner config show` lists every setting, its value and where that comes from.",
  },
  config_missing: {
    exit_code: 2,
    hint: "Give the path of a config.toml that exists, or run `infernet-runner init` to have one written.",
  },
  edge_unset: {
    exit_code: 2,
    hint: "Give --edge URL, or run `infernet-runner init --edge URL` once.",
  },
  identity_exposed: {
    exit_code: 3,
    hint: "Run `chmod 600` on the file; if others could read it, move it away and let a new identity be made.",
  },
  identity_damaged: {
    exit_code: 3,
    hint: "Restore the file from a backup, or move it away and let a new identity be made.",
  },
  identity_missing: {
    exit_code: 3,
    hint: "Give the --home that the runner was started with, or run `infernet-runner init` first.",
  },
  home_in_use: { exit_code: 3, hint: "Stop the other runner, or give this one another --home." },
  init_canceled: { exit_code: 10, hint: "Run `infernet-runner init` again; `--yes` asks nothing." },
  not_running: {
    exit_code: 10,
    hint: "Run `infernet-runner start`, or give the --home that the runner was started with.",
  },
  command_refused: { exit_code: 10, hint: "Run `infernet-runner logs` to see what it did last." },
  log_missing: { exit_code: 10, hint: "It is there once `infernet-runner start` has run with this --home." },
  home_unusable: { exit_code: 3, hint: "Check that --home is a folder this user can write to." },
  peer_unusable: {
    exit_code: 3,
    hint: "Give --listen an address of this machine that nothing else listens on.",
  },
  edge_refused: { exit_code: 4, hint: "Check --edge, and the clock of this machine." },
  edge_foreign: {
    exit_code: 4,
    hint: "Check the address with whoever runs the network; `infernet-runner init --offline` writes it without asking.",
  },
  clock_wrong: {
    exit_code: 4,
    hint: "Set this machine's clock: `sudo timedatectl set-ntp true` on most Linux; elsewhere let the system set the time by itself.",
  },
  edge_away: { exit_code: 4, hint: "Check --edge, and try again when it answers." },
  payout_refused: {
    exit_code: 4,
    hint: "Run `infernet-runner earnings` to see what is payable, and until when the rest is held.",
  },
  runner_unknown: {
    exit_code: 4,
    hint: "Run `infernet-runner start` with the same --edge and --home; the edge knows this machine from then on.",
  },
  model_absent: {
    exit_code: 2,
    hint: "`infernet-runner models list` shows which models are here; give more of the digest where several are meant.",
  },
  model_folder: {
    exit_code: 2,
    hint: "It must be a folder in Hugging Face layout: config.json, tokenizer.json, and an ONNX file such as onnx/model.onnx.",
  },
  api_key_missing: {
    exit_code: 2,
    hint: "Set INFERNET_API_KEY to an account's key; the operator makes one with POST /accounts.",
  },
  model_loaded: {
    exit_code: 3,
    hint: "Stop the runner first, or wait until it has unloaded the model.",
  },
  service_unsupported: {
    exit_code: 2,
    hint: "Have your system start `infernet-runner start` itself, as with the Task Scheduler on Windows.",
  },
  service_passing: {
    exit_code: 2,
    hint: "Install the runner for good with `npm install -g infernet-runner`, and run `infernet-runner service install`.",
  },
  service_refused: {
    exit_code: 3,
    hint: "A user's service needs that user's session; the machine's needs --system, and root. `service install --print` shows what would be written.",
  },
  state_in_use: { exit_code: 3, hint: "Stop the other one, or choose another folder with --state." },
  key_unusable: {
    exit_code: 3,
    hint: "Restore network.key in the state folder from a copy, or mend NETWORK_PRIVATE_KEY; another key is another network.",
  },
  port_taken: { exit_code: 3, hint: "Choose another with --port; 0 takes a free one." },
  aggregator_missing: {
    exit_code: 5,
    hint: "In a clone, run `npm run build` first; else install infernet-runner again.",
  },
  node_old: { exit_code: 5, hint: "Install a newer Node from https://nodejs.org, and run it with that." },
  engine_missing: { exit_code: 5, hint: "See the runner's README for what each engine needs." },
  input_unusable: {
    exit_code: 2,
    hint: 'Give { "tensors": [...] } in JSON as in POST /jobs, a list of rows for a model of one input, or its rows as raw bytes; docs/direct-jobs.md shows each.',
  },
  model_unnamed: {
    exit_code: 2,
    hint: "Give the model's digest or its manifest's file, or --edge URL of an edge that knows the name.",
  },
  peers_unknown: {
    exit_code: 2,
    hint: "Give --bootstrap ADDRESS, or --edge URL of an edge that names peers; for `run` --direct with an address will do.",
  },
  escrow_unset: {
    exit_code: 2,
    hint: "Set endpoints, genesis_hash, program and mint in [escrow] of config.toml.",
  },
  chain_refused: {
    exit_code: 4,
    hint: "Mend what it says; `infernet-runner config show` lists the settings in [escrow].",
  },
  provider_missing: {
    exit_code: 11,
    hint: "Try again when more machines are online, offer more with --offer, or name one with --direct.",
  },
  provider_away: {
    exit_code: 11,
    hint: "Check the address, or leave --direct out to have another found. The same command asks for the same job again, and pays once.",
  },
  provider_refused: { exit_code: 11, hint: "Mend what it says, or choose another provider." },
  provider_wrong: {
    exit_code: 11,
    hint: "Do not use what it sent, and choose another provider.",
  },
  peers_away: {
    exit_code: 11,
    hint: "Check the addresses, and that this machine may go out to their ports; `infernet-runner peer` of whoever runs one prints its own.",
  },
  nothing_found: { exit_code: 11, hint: "Ask for less, or look longer with --timeout." },
  banned: {
    exit_code: 6,
    hint: "To object, run `infernet-runner appeal` with the same --edge and --home, and with --message TEXT that says what happened.",
  },
} as const satisfies Record<string, { exit_code: number; hint: string }>;

export type RunnerErrorCode = keyof typeof RUNNER_ERRORS;

/** A failure that stops this runner. `message` names the thing and the rule, and never a secret. */
export class RunnerError extends Error {
  readonly code: RunnerErrorCode;

  constructor(code: RunnerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RunnerError";
    this.code = code;
  }
}
