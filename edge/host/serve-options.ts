import { parseArgs } from "node:util";
import { parseBootstrapList } from "@infernet/schemas/peer/bootstrap";
import { z } from "zod";

export const SERVE_USAGE = `Usage: npm run serve -- [options]

Runs the edge on this machine with its state on disk.

  --port N           port to listen on (8787); 0 takes a free one
  --host ADDRESS     address to listen on (127.0.0.1); 0.0.0.0 for every network
  --state DIR        folder for everything that is kept (.state/serve)
  --public-url URL   address that clients reach it by, when it is not http://HOST:PORT
  --peers LIST       peers that runners begin with, separated by commas: as PEERS below
  --json             one JSON object a line instead of text
  --help             this text

Environment
  INFERNET_OPERATOR_KEY    operator's key; else DIR/operator.key, made at first start
  WEBHOOK_PRIVATE_KEY      base64 of the 32-byte Ed25519 seed that signs webhooks; else DIR/webhook.key
  NETWORK_PRIVATE_KEY      base64 of the 32-byte Ed25519 seed that names the network, signs receipts and draws
                           auditors; else DIR/network.key. Another one is another network: keep it
  AGGREGATOR_PRIVATE_KEY   base64 of the 32-byte Ed25519 seed that escrows name, and that pays from them; else
                           DIR/aggregator.key. Escrows of another one are out of reach: keep it
  SOLANA_RPC_URLS          JSON-RPC endpoints, separated by commas: with the next three, jobs are paid from
                           escrows: see docs/payments.md
  SOLANA_GENESIS_HASH      genesis hash of the cluster
  SOLANA_PROGRAM           address of the escrow program
  SOLANA_MINT              the coin
  SOLANA_ALLOW_MAINNET     true accepts mainnet, where nobody has audited the program
  SOLANA_UNIT_PRICE        micro-lamports for a compute unit of a release (0)
  X402                     on sells jobs to whoever pays for them by x402, without an account: see docs/x402.md (off)
  EPOCH_MS                 how long draws come from one seed, which is published after it (600000)
  CLIENT_ADDRESS_HEADER    header in which your own proxy writes the caller's address; machines of one network
                           never check each other, and without a proxy nobody tells their addresses
  ALLOW_PRIVATE_WEBHOOKS   true lets webhooks go to private addresses: for development only
  LEASE_MS                 how long a runner holds a shard without a heartbeat, in milliseconds
  PRICE_MICRO_PER_CORE_HOUR  price of an hour of one core, in micro-units
  PRICE_MICRO_PER_JOB      added once to the price of every job, in micro-units (0)
  FEE_BPS                  the operator's part of what is paid, in hundredths of a percent, 50 to 200 (100)
  HOLD_MS                  how long earnings can be taken back and results recalled (a day): shorter for tests only
  PEERS                    peers that runners begin with, as infernet-runner peer prints them, separated by commas:
                           see docs/peers.md (none: runners speak to the edge alone)
  DISPATCH_BUCKETS         objects that the parked runners are spread over
`;

const Flags = z.object({
  port: z.coerce.number("is not a number").int().min(0).max(65_535).default(8787),
  host: z.string().min(1).default("127.0.0.1"),
  state: z.string().min(1).default(".state/serve"),
  "public-url": z.url({ protocol: /^https?$/ }).optional(),
  peers: z
    .string()
    .optional()
    .superRefine((text = "", ctx) => {
      for (const message of parseBootstrapList(text).faults) ctx.addIssue({ code: "custom", message });
    }),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});
export type ServeOptions = z.infer<typeof Flags>;

/** @throws Error with one line a person can act on */
export function parseServeOptions(argv: readonly string[]): ServeOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: "string" },
      host: { type: "string" },
      state: { type: "string" },
      "public-url": { type: "string" },
      peers: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const flags = Flags.safeParse(values);
  if (flags.success) return flags.data;
  const [issue] = flags.error.issues;
  throw new Error(`--${issue?.path.join(".") ?? ""}: ${issue?.message ?? "cannot be used"}`);
}
