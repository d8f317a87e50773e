import { z } from "zod";
import { Address } from "./address.ts";
import { GENESIS } from "./cluster.ts";
import { EscrowError } from "./escrow-error.ts";

const isHttp = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** How an escrow client is set up; what is left out has the value named here. */
export const EscrowSettings = z.strictObject({
  /** JSON-RPC endpoints over HTTP, in the order of preference. */
  endpoints: z.array(z.string().refine(isHttp, "is not an http(s) URL")).min(1).max(8),
  /** Of the cluster that every endpoint has to serve. */
  genesis_hash: Address,
  /** The escrow program. */
  program: Address,
  /** The program is not audited; mainnet is refused without this. */
  allow_mainnet: z.boolean().default(false),
  /** Read accounts, and settle transactions, by two endpoints that have to agree. */
  cross_check: z.boolean().default(false),
  request_timeout_ms: z.int().min(1).max(60_000).default(8_000),
  /** How often the list of endpoints is gone through before rpc_unavailable. */
  rounds_max: z.int().min(1).max(10).default(3),
  /** What a compute unit may cost at most, in micro-lamports: the default is 0.00002 SOL for 200,000 units. */
  unit_price_max: z.bigint().min(0n).default(100_000n),
});
export type EscrowSettings = z.input<typeof EscrowSettings>;

/** Throws settings_invalid, which names the settings and not their values, and mainnet_refused. */
export function parseSettings(settings: EscrowSettings): z.output<typeof EscrowSettings> {
  const parsed = EscrowSettings.safeParse(settings);
  if (!parsed.success) throw new EscrowError("settings_invalid", describe(parsed.error));
  const { genesis_hash, allow_mainnet, cross_check, endpoints } = parsed.data;
  if (genesis_hash === GENESIS.mainnet && !allow_mainnet)
    throw new EscrowError("mainnet_refused", "the genesis hash is mainnet's, and allow_mainnet is not set");
  if (cross_check && new Set(endpoints.map((url) => new URL(url).host)).size < 2)
    throw new EscrowError("settings_invalid", "cross_check needs endpoints of two hosts");
  return parsed.data;
}

const describe = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
