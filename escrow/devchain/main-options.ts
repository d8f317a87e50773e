import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isAddress } from "@solana/kit";
import { type FaultChoices, parseFaultPlan } from "./faults/parse-fault-plan.ts";
import { DEFAULT_LAGS, DEFAULT_SLOT_MS, DEVNET_GENESIS_HASH } from "./start-devchain.ts";

export const DEVCHAIN_USAGE = `Usage: node escrow/devchain/main.ts [options]

Runs a development chain on this machine, over loopback alone. Nothing is kept when it stops.

  --port N              port for HTTP and WebSocket (8899); 0 takes a free one
  --program ID=FILE     loads a program's ELF file at an address; any number of times
  --slot-ms N           milliseconds of a slot (${DEFAULT_SLOT_MS})
  --confirmed-slots N   slots until a transaction is confirmed (${DEFAULT_LAGS.confirmed})
  --finalized-slots N   slots until it is finalized (${DEFAULT_LAGS.finalized})
  --genesis-hash HASH   which cluster it poses as (devnet: ${DEVNET_GENESIS_HASH})
  --faults JSON         what is to go wrong, as in {"drop_share":0.1}
  --trace               a line for each call
  --json                one JSON object a line instead of text
  --help                this text
`;

const DEFAULT_PORT = 8899;
const SLOT_MS_MIN = 10;
const SLOT_MS_MAX = 60_000;
const LAG_SLOTS_MAX = 150;

export interface MainOptions {
  port: number;
  slot_ms: number;
  lags: { confirmed: number; finalized: number };
  programs: { id: string; elf: Uint8Array }[];
  genesis_hash: string;
  faults: FaultChoices;
  trace: boolean;
  json: boolean;
  help: boolean;
}

/** @throws Error with one line a person can act on */
export function parseMainOptions(argv: readonly string[]): MainOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: "string" },
      program: { type: "string", multiple: true, default: [] },
      "slot-ms": { type: "string" },
      "confirmed-slots": { type: "string" },
      "finalized-slots": { type: "string" },
      "genesis-hash": { type: "string", default: DEVNET_GENESIS_HASH },
      faults: { type: "string", default: "{}" },
      trace: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { "genesis-hash": genesis_hash, program, trace, json, help } = values;
  const confirmed = parseWhole(
    "confirmed-slots",
    values["confirmed-slots"],
    DEFAULT_LAGS.confirmed,
    LAG_SLOTS_MAX,
  );
  const finalized = parseWhole(
    "finalized-slots",
    values["finalized-slots"],
    DEFAULT_LAGS.finalized,
    LAG_SLOTS_MAX,
  );
  if (finalized < confirmed) throw new Error("--finalized-slots: it must be at least --confirmed-slots.");
  if (!isAddress(genesis_hash)) throw new Error("--genesis-hash: it must be 32 bytes in base58.");
  return {
    port: parseWhole("port", values.port, DEFAULT_PORT, 65_535),
    slot_ms: parseWhole("slot-ms", values["slot-ms"], DEFAULT_SLOT_MS, SLOT_MS_MAX, SLOT_MS_MIN),
    lags: { confirmed, finalized },
    programs: program.map(readProgram),
    genesis_hash,
    faults: parseFaults(values.faults),
    trace,
    json,
    help,
  };
}

function parseWhole(
  option: string,
  text: string | undefined,
  fallback: number,
  max: number,
  min = 0,
): number {
  if (text === undefined) return fallback;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new Error(`--${option}: it must be a whole number from ${min} to ${max}.`);
}

function readProgram(text: string): { id: string; elf: Uint8Array } {
  const [id = "", ...path] = text.split("=");
  const file = path.join("=");
  if (!isAddress(id) || file === "")
    throw new Error("--program: it must be ID=FILE, with the program's address.");
  try {
    return { id, elf: Uint8Array.from(readFileSync(file)) };
  } catch {
    throw new Error(`--program: ${file} cannot be read.`);
  }
}

function parseFaults(text: string): FaultChoices {
  try {
    return parseFaultPlan(JSON.parse(text));
  } catch (error) {
    throw new Error(`--faults: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
