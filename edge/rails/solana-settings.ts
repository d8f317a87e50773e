import { type Address, parseAddress } from "@infernet/escrow/client/address";
import { EscrowError } from "@infernet/escrow/client/escrow-error";
import { type EscrowSettings, parseSettings } from "@infernet/escrow/client/escrow-settings";
import { InfernetError } from "@infernet/schemas/errors";
import { parseSeed } from "../network/ed25519-seed.ts";

/** The part of the environment that sets the Solana rail up. */
export type SolanaEnv = Pick<
  Env,
  | "SOLANA_RPC_URLS"
  | "SOLANA_GENESIS_HASH"
  | "SOLANA_PROGRAM"
  | "SOLANA_MINT"
  | "SOLANA_ALLOW_MAINNET"
  | "SOLANA_UNIT_PRICE"
  | "AGGREGATOR_PRIVATE_KEY"
>;

export interface SolanaSettings {
  client: EscrowSettings;
  mint: Address;
  /** 32 bytes: the aggregator's key, which releases and pays for transactions. */
  seed: Uint8Array<ArrayBuffer>;
  /** Micro-lamports for a compute unit. */
  unit_price: bigint;
}

const NEEDED = ["SOLANA_RPC_URLS", "SOLANA_GENESIS_HASH", "SOLANA_PROGRAM", "SOLANA_MINT"] as const;

/** With three hosts one may be down while the other two have to agree. */
const HOSTS_TO_CROSS_CHECK = 3;

/** Whether a deployment wants the rail: it has set any of what only the rail reads. */
export const wantsSolana = (env: SolanaEnv): boolean => NEEDED.some((name) => (env[name] ?? "") !== "");

/**
 * Null for a deployment that does not want the rail. Throws `unavailable` when it wants it and something is missing or
 * wrong; the message names the setting, and no value that may hold a secret.
 */
export function parseSolanaSettings(env: SolanaEnv): SolanaSettings | null {
  if (!wantsSolana(env)) return null;
  for (const name of NEEDED)
    if ((env[name] ?? "") === "") throw wrong(name, "it is not set, and others of the rail are");
  const endpoints = listOf(env.SOLANA_RPC_URLS ?? "");
  const allow_mainnet = env.SOLANA_ALLOW_MAINNET ?? "";
  if (allow_mainnet !== "" && allow_mainnet !== "true")
    throw wrong("SOLANA_ALLOW_MAINNET", 'it is not "true"');
  const unit_price = env.SOLANA_UNIT_PRICE ?? "";
  if (!/^\d{0,9}$/.test(unit_price))
    throw wrong("SOLANA_UNIT_PRICE", "it is not a whole number of micro-lamports below 10^9");
  const client: EscrowSettings = {
    endpoints,
    genesis_hash: addressIn("SOLANA_GENESIS_HASH", env),
    program: addressIn("SOLANA_PROGRAM", env),
    allow_mainnet: allow_mainnet === "true",
    cross_check: hostsOf(endpoints).size >= HOSTS_TO_CROSS_CHECK,
    ...(unit_price === "" ? {} : { unit_price_max: BigInt(unit_price) }),
  };
  checkClient(client);
  return {
    client,
    mint: addressIn("SOLANA_MINT", env),
    seed: parseSeed(env.AGGREGATOR_PRIVATE_KEY, "AGGREGATOR_PRIVATE_KEY", "pay from escrows"),
    unit_price: BigInt(unit_price),
  };
}

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

function hostsOf(endpoints: readonly string[]): Set<string> {
  const urls = endpoints.filter((url) => URL.canParse(url));
  return new Set(urls.map((url) => new URL(url).host));
}

function addressIn(name: "SOLANA_GENESIS_HASH" | "SOLANA_PROGRAM" | "SOLANA_MINT", env: SolanaEnv): Address {
  try {
    return parseAddress(env[name] ?? "");
  } catch {
    throw wrong(name, "it is not 32 bytes in base58");
  }
}

function checkClient(client: EscrowSettings): void {
  try {
    parseSettings(client);
  } catch (error) {
    if (!(error instanceof EscrowError)) throw error;
    if (error.code === "mainnet_refused")
      throw wrong(
        "SOLANA_GENESIS_HASH",
        "it is mainnet's, where nobody has audited the escrow program; SOLANA_ALLOW_MAINNET=true takes that risk",
      );
    throw wrong("SOLANA_RPC_URLS", error.message);
  }
}

const wrong = (name: string, what: string): InfernetError =>
  new InfernetError("unavailable", `This deployment cannot pay on Solana: ${name} cannot be used: ${what}.`);
