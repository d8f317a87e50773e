import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { MicroAmount } from "@infernet/schemas/money";
import { BootstrapAddress } from "@infernet/schemas/peer/bootstrap";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { SolanaAddress } from "@infernet/schemas/solana";
import { renderTensorJson } from "@infernet/schemas/tensor-json";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { type Command, InvalidArgumentError, Option } from "commander";
import { addExamples, configOption, edgeOption, homeOption, jsonOption } from "../cli/common-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { chainOf } from "../cli/runner-options.ts";
import { loadSettings } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import type { DirectOutcome } from "../p2p/jobs/run-direct.ts";
import { RunnerError } from "../runner-error.ts";
import type { DirectClientOptions } from "./open-direct-client.ts";

interface RunFlags {
  home: string;
  config?: string;
  edge?: string;
  model: string;
  input: string;
  direct?: string;
  offer: MicroAmount;
  escrow?: SolanaAddress;
  bootstrap?: PeerAddress[];
  patience: number;
  out?: string;
  json?: boolean;
}

/** `infernet-runner run`: has a peer do a small job. */
export function addRunCommand(program: Command): void {
  const command = program
    .command("run")
    .description("have a peer do a small job, without an edge; nobody but you checks its answer")
    .requiredOption("--model <model>", "digest, file of a manifest (.json), or a name that the edge knows")
    .requiredOption("--input <file>", "rows: JSON, or raw bytes; - for standard input")
    .option("--direct <peer>", "the provider: its id, or an address that ends in its PeerId")
    .addOption(
      new Option("--offer <micro>", "the most to pay, in micro-units").argParser(parseMicro).default("0"),
    )
    .addOption(
      new Option(
        "--escrow <address>",
        "pay by vouchers on this escrow, opened with the key of `id --client`",
      ).argParser(parseAddress),
    )
    .addOption(
      new Option(
        "--bootstrap <addresses>",
        "peers to begin with (default: the settings' and the edge's)",
      ).argParser(parseBootstrap),
    )
    .addOption(
      new Option("--patience <seconds>", "how long the offer holds")
        .argParser(parsePatience)
        .default(LIMITS.direct_offer_ms_default / 1_000),
    )
    .option(
      "--out <file>",
      "write the rows there: tensors in JSON, or in the binary form for a name in .cbor",
    )
    .addOption(edgeOption())
    .addOption(homeOption("folder of the client's key, its settings and its receipts"))
    .addOption(configOption())
    .addOption(jsonOption())
    .action((flags: RunFlags) => reporting(createErrorLog(), () => runJob(flags)));
  addExamples(
    command,
    "infernet-runner run --model glyphs --input images.u8 --edge https://edge.example",
    "infernet-runner run --model manifest.json --input rows.json --direct /ip4/192.168.1.7/tcp/4801/p2p/12D3KooW...",
  );
}

/** What it needs is loaded only now: the other commands need no libp2p. */
async function runJob(flags: RunFlags): Promise<void> {
  const { explainDirect } = await import("./explain-direct.ts");
  const { openDirectClient } = await import("./open-direct-client.ts");
  const { readRowsInput } = await import("./read-rows-input.ts");
  const { renderOutcome, renderStage } = await import("./render-outcome.ts");
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort(new RunnerError("provider_away", "broken off")));
  const say = (line: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`${line}\n`);
  };
  const bytes = await readInput(flags.input);
  try {
    const { values } = await loadSettings({ home: flags.home, config: flags.config, env: process.env });
    const client = await openDirectClient(await clientOptionsOf(flags, values));
    try {
      const { signal } = interrupted;
      const outcome = await client.run(
        {
          ...(await client.modelOf(flags.model, signal)),
          inputsOf: (manifest) => readRowsInput(bytes, flags.input, manifest),
          price_micro_max: flags.offer,
          patience_ms: flags.patience * 1_000,
        },
        signal,
        (stage) => say(renderStage(stage)),
      );
      await show(outcome, flags);
      if (!flags.json) process.stderr.write(renderOutcome(outcome));
    } finally {
      await client.close();
    }
  } catch (error) {
    throw explainDirect(error);
  }
}

async function clientOptionsOf(flags: RunFlags, values: Settings): Promise<DirectClientOptions> {
  const { parseTarget } = await import("./direct-target.ts");
  const target = flags.direct === undefined ? null : parseTarget(flags.direct);
  if (target === null && flags.direct !== undefined)
    throw new RunnerError(
      "usage",
      `--direct is '${flags.direct}'; it must be an id (run_...) or an address that ends in /p2p/12D3KooW...`,
    );
  return {
    home: resolve(flags.home),
    edge: flags.edge ?? values.edge ?? null,
    bootstrap: flags.bootstrap ?? values["peers.bootstrap"],
    isLocal: values["peers.local"],
    target,
    payment: flags.escrow === undefined ? null : { escrow: flags.escrow, chain: requireChain(values) },
  };
}

function requireChain(values: Settings) {
  const chain = chainOf(values);
  if (chain !== null) return chain;
  throw new RunnerError("escrow_unset", "the chain that the escrow is on is not set");
}

async function readInput(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(path === "-" ? await buffer(process.stdin) : await readFile(path));
  } catch (error) {
    throw new RunnerError("input_unusable", `${path} cannot be read: ${String(error)}`, { cause: error });
  }
}

/** The rows, where they are wanted. */
async function show(outcome: DirectOutcome, { out, json }: RunFlags): Promise<void> {
  const { renderOutcomeJson } = await import("./render-outcome.ts");
  const { outputs } = outcome;
  try {
    const text = (): string => `${JSON.stringify({ tensors: outputs.map(renderTensorJson) })}\n`;
    if (out !== undefined) await writeFile(out, out.endsWith(".cbor") ? encodeTensors(outputs) : text());
    if (json) process.stdout.write(`${JSON.stringify(renderOutcomeJson(outcome))}\n`);
    else if (out === undefined) process.stdout.write(text());
  } catch (error) {
    if (!(error instanceof InfernetError)) throw error;
    throw new RunnerError("usage", `${error.message} Give --out FILE.cbor to have them in the binary form`);
  }
}

function parseMicro(text: string): MicroAmount {
  const parsed = MicroAmount.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError("It must be a whole number of micro-units, millionths of a unit.");
}

function parseAddress(text: string): SolanaAddress {
  const parsed = SolanaAddress.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError("It must be the escrow's address, in base58.");
}

function parseBootstrap(text: string): PeerAddress[] {
  const addresses = text.split(",").map((part) => part.trim());
  if (addresses.every((address) => BootstrapAddress.safeParse(address).success)) return addresses;
  throw new InvalidArgumentError(
    "Each must be an address and a key, as in /ip4/203.0.113.7/tcp/4801/p2p/12D3KooW...",
  );
}

function parsePatience(text: string): number {
  const seconds = Number(text);
  const most = LIMITS.direct_offer_ms_max / 1_000;
  if (Number.isSafeInteger(seconds) && seconds >= 1 && seconds <= most) return seconds;
  throw new InvalidArgumentError(`It must be a whole number of seconds, 1 to ${most}.`);
}
