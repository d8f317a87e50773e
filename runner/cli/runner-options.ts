import { SolanaAddress } from "@infernet/schemas/solana";
import type { MachineLimits } from "../config/limit-capability.ts";
import type { Settings } from "../config/settings.ts";
import type { DirectSettings } from "../p2p/jobs/direct-settings.ts";
import type { PeerSettings } from "../p2p/join/peer-settings.ts";
import type { RunnerOptions } from "../runner.ts";

/** The settings of a machine's owner, as the runner takes them. */
export function runnerOptionsOf(
  values: Settings,
): Omit<RunnerOptions, "edge" | "home" | "engines" | "log" | "connect"> {
  const { name, owner, payout, referee } = values;
  const asking = values["price.asking"];
  return {
    referee,
    cache_bytes_max: values["limits.cache_bytes"],
    limits: limitsOf(values),
    ...(values["peers.enabled"] ? { peers: peersOf(values) } : {}),
    ...directOf(values),
    ...(name === undefined ? {} : { name }),
    ...(owner === undefined ? {} : { owner }),
    ...(payout === undefined ? {} : { payout }),
    ...(asking === undefined ? {} : { asking }),
  };
}

const peersOf = (values: Settings): PeerSettings => ({
  listen: values["peers.listen"],
  announce: values["peers.announce"],
  bootstrap: values["peers.bootstrap"],
  isLocal: values["peers.local"],
  isRelay: values["peers.relay"],
  connections_max: values["peers.connections"],
  isSharing: values["peers.share_models"],
  aggregators: { allowed: values["peers.aggregators"], at_most: values["peers.aggregators_max"] },
});

function directOf(values: Settings): Pick<RunnerOptions, "direct"> {
  const payment = values["direct.payment"];
  if (payment === "off") return {};
  return { direct: { payment, allow: values["direct.allow"], chain: chainOf(values) } };
}

/** Null while something is missing. */
export function chainOf(values: Settings): DirectSettings["chain"] {
  const endpoints = values["escrow.endpoints"];
  const genesis_hash = values["escrow.genesis_hash"];
  const program = values["escrow.program"];
  const mint = values["escrow.mint"];
  if (endpoints.length === 0 || genesis_hash === undefined || program === undefined || mint === undefined)
    return null;
  return { endpoints, genesis_hash, program, mint: SolanaAddress.parse(mint) };
}

function limitsOf(values: Settings): MachineLimits {
  const cores = values["limits.cores"];
  const threads = values["limits.threads"];
  const upload_bytes_per_second = values["limits.upload_bytes_per_second"];
  return {
    memory_share: values["limits.memory_share"],
    vram_share: values["limits.vram_share"],
    ...(cores === undefined ? {} : { cores }),
    ...(threads === undefined ? {} : { threads }),
    ...(upload_bytes_per_second === undefined ? {} : { upload_bytes_per_second }),
  };
}
