/** What a deployment may set besides the bindings of wrangler.toml; each reader says what happens without it. */
interface OptionalEnv {
  /** Bearer key of `POST /accounts`. A secret. */
  INFERNET_OPERATOR_KEY?: string;
  /** Ed25519 seed that signs webhooks: 32 bytes in base64. A secret. */
  WEBHOOK_PRIVATE_KEY?: string;
  /** Ed25519 seed that names the network, signs receipts and makes the draws: 32 bytes in base64. A secret. */
  NETWORK_PRIVATE_KEY?: string;
  /** How long the draws come from one seed, in milliseconds; default ten minutes. */
  EPOCH_MS?: string;
  /** "true" lets webhooks go to private addresses and over plain http: for development only. */
  ALLOW_PRIVATE_WEBHOOKS?: string;
  /** Default time of a lease in milliseconds, for tests that wait for its end. */
  LEASE_MS?: string;
  /**
   * Header that holds the caller's address, written by a proxy in front that lets no caller write it; default the one of
   * Cloudflare there, and none where the edge hosts itself.
   */
  CLIENT_ADDRESS_HEADER?: string;
  /** The operator's part of what is paid for jobs, in hundredths of a percent: 50 to 200, default 100. */
  FEE_BPS?: string;
  /** How long earnings can be taken back and results recalled, in milliseconds; default a day. Shorter only for tests. */
  HOLD_MS?: string;
  /** JSON-RPC endpoints of the Solana cluster, separated by commas, in the order of preference. Without it nothing is paid there. */
  SOLANA_RPC_URLS?: string;
  /** Genesis hash of the cluster that every endpoint has to serve. */
  SOLANA_GENESIS_HASH?: string;
  /** Address of the escrow program. */
  SOLANA_PROGRAM?: string;
  /** The coin: a mint with six decimals. */
  SOLANA_MINT?: string;
  /** "true" accepts mainnet, where nobody has audited the program. */
  SOLANA_ALLOW_MAINNET?: string;
  /** What a compute unit of a release is paid with, in micro-lamports; default nothing. */
  SOLANA_UNIT_PRICE?: string;
  /** "on" sells jobs to whoever pays for them by x402, without an account, where Solana is set up; default off. */
  X402?: string;
  /** Ed25519 seed of the aggregator that escrows name: 32 bytes in base64. A secret. */
  AGGREGATOR_PRIVATE_KEY?: string;
  /** Added once to the price of every job, in micro-units; default 0. */
  PRICE_MICRO_PER_JOB?: string;
  /** Peers that runners begin with: multiaddrs that end in `/p2p/<PeerId>`, separated by commas; default none. */
  PEERS?: string;
  /** Number of dispatcher objects, one for about a thousand runners; default 1. */
  DISPATCH_BUCKETS?: string;
  /** workerd's disk service, where the edge hosts itself: takes the place of R2. */
  DISK?: Fetcher;
}

interface Env extends OptionalEnv {}
declare namespace Cloudflare {
  interface Env extends OptionalEnv {}
}
