/** Settings of the Worker that whoever hosts it takes from the environment. */
const SETTINGS = [
  "PRICE_MICRO_PER_CORE_HOUR",
  "PRICE_MICRO_PER_JOB",
  "ALLOW_PRIVATE_WEBHOOKS",
  "LEASE_MS",
  "EPOCH_MS",
  "CLIENT_ADDRESS_HEADER",
  "DISPATCH_BUCKETS",
  "FEE_BPS",
  "HOLD_MS",
  "SOLANA_RPC_URLS",
  "SOLANA_GENESIS_HASH",
  "SOLANA_PROGRAM",
  "SOLANA_MINT",
  "SOLANA_ALLOW_MAINNET",
  "SOLANA_UNIT_PRICE",
  "X402",
  "PEERS",
] as const;

/** Those that are set, for the Worker: an empty one is not. */
export function passedVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    SETTINGS.flatMap((name) => {
      const value = environment[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}
