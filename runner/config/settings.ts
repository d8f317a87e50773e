import { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { BootstrapAddress } from "@infernet/schemas/peer/bootstrap";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { SandboxLevel } from "@infernet/schemas/sandbox";
import { SolanaAddress } from "@infernet/schemas/solana";
import { z } from "zod";
import { CONTAINER_CHOICES, type ContainerChoice } from "../engine/oci/container-choice.ts";
import { AggregatorRef } from "../p2p/leases/aggregator-settings.ts";
import { Period } from "../pause/schedule.ts";
import { Bytes, Count, Flag, HttpAddress, Micro, type Setting, Share, setting, Text } from "./setting.ts";

const NAME_CHARS_MAX = 64;
const PATH_CHARS_MAX = 4_096;
const ServerAddress = HttpAddress.refine(
  (text) => !/[?#@]/.test(text),
  "must be an address without a query, a fragment or a password",
);
const ListenAddress = PeerAddress.refine((text) => /^\/ip[46]\/[^/]+\/tcp\/\d{1,5}(\/ws)?$/.test(text), {
  error: "must be an address of this machine, as in /ip4/0.0.0.0/tcp/4801 or /ip4/0.0.0.0/tcp/4802/ws",
});
const Sandbox = z.enum(SandboxLevel.options, { error: `must be one of ${SandboxLevel.options.join(", ")}` });

/**
 * Everything an owner can set, by its key in `config.toml`: the part before the dot names the table. Flags, environment,
 * the file that `init` writes and the README follow from this list. There are no secrets in it.
 */
export const SETTINGS = {
  edge: setting({
    kind: "text",
    schema: HttpAddress,
    standard: undefined,
    about: "Address of the edge to work for.",
    example: '"https://edge.example"',
    flag: "--edge <url>",
  }),
  name: setting({
    kind: "text",
    schema: Text(NAME_CHARS_MAX),
    standard: undefined,
    about: "A name that people see.",
    example: '"attic"',
    flag: "--name <name>",
  }),
  owner: setting({
    kind: "text",
    schema: Text(LIMITS.owner_chars_max),
    standard: undefined,
    about: "Who runs it: machines of one owner never check each other. Give the same on all of yours.",
    example: '"Ada & Co."',
    flag: "--owner <text>",
  }),
  payout: setting({
    kind: "text",
    schema: Text(LIMITS.owner_chars_max),
    standard: undefined,
    about: "Where its earnings go: machines of one address never check each other.",
    example: '"wallet 1"',
    flag: "--payout <text>",
  }),
  referee: setting({
    kind: "boolean",
    schema: Flag,
    standard: false,
    about: "Offers to decide disagreements, and nothing else; counts once the operator trusts this id.",
    example: "true",
    flag: "--referee",
  }),
  "price.asking": setting({
    kind: "text",
    schema: Micro,
    standard: undefined,
    standard_text: "any price",
    about:
      "The least that an hour of one core must pay, in micro-units; jobs that pay less are not offered to it.",
    example: "70000",
    flag: "--asking <micro>",
  }),
  "limits.cores": setting({
    kind: "number",
    schema: Count,
    standard: undefined,
    standard_text: "all",
    about: "Cores that models may use together. Models that would need more wait for each other.",
    example: "4",
    flag: "--cores <n>",
  }),
  "limits.threads": setting({
    kind: "number",
    schema: Count,
    standard: undefined,
    standard_text: "limits.cores",
    about: "Threads of one model.",
    example: "2",
    flag: "--threads <n>",
  }),
  "limits.sandbox": setting({
    kind: "text",
    schema: Sandbox,
    standard: undefined,
    standard_text: "whatever the machine has",
    about: `The least that models are held to: ${SandboxLevel.options.join(", ")}. An engine that cannot is not offered.`,
    example: '"bwrap"',
    flag: "--sandbox <level>",
  }),
  "limits.memory_share": setting({
    kind: "number",
    schema: Share,
    standard: 1,
    about: "Share of the machine's memory that it offers; models that need more are not given to it.",
    example: "0.5",
    flag: "--memory-share <share>",
  }),
  "limits.vram_share": setting({
    kind: "number",
    schema: Share,
    standard: 1,
    about: "Share of each GPU's memory that it offers.",
    example: "0.8",
    flag: "--vram-share <share>",
  }),
  "limits.cache_bytes": setting({
    kind: "text",
    schema: Bytes,
    standard: LIMITS.runner_cache_bytes_default,
    standard_text: '"10 GiB"',
    about: "Most disk that models and inputs take; what was used longest ago goes first.",
    example: '"50 GiB"',
    flag: "--cache-bytes <bytes>",
  }),
  "limits.upload_bytes_per_second": setting({
    kind: "text",
    schema: Bytes,
    standard: undefined,
    standard_text: "no limit",
    about:
      "Upload to the edge and to peers together, on average; one result may be sent at full speed, the next then waits.",
    example: '"1 MB"',
    flag: "--upload-bytes-per-second <bytes>",
  }),
  "containers.engine": setting<ContainerChoice, ContainerChoice>({
    kind: "text",
    schema: z.enum(CONTAINER_CHOICES, { error: `must be one of ${CONTAINER_CHOICES.join(", ")}` }),
    standard: "auto",
    about:
      "What runs models that are container images: `auto` takes the first of podman, docker and nerdctl that answers, `off` none.",
    example: '"podman"',
    flag: "--containers <engine>",
  }),
  "containers.private_registries": setting({
    kind: "boolean",
    schema: Flag,
    standard: false,
    about: "Lets images come from registries that only this machine's own network knows.",
    example: "true",
  }),
  "openai.servers": setting({
    kind: "list",
    schema: z
      .array(ServerAddress, { error: 'must be a list of addresses, as in ["http://127.0.0.1:11434"]' })
      .max(LIMITS.openai_servers_max, `must be at most ${LIMITS.openai_servers_max} addresses`),
    standard: [],
    standard_text: "[]",
    about: "Addresses of servers that speak the OpenAI API, as Ollama, vLLM, llama.cpp and LM Studio do.",
    example: '["http://127.0.0.1:11434"]',
    flag: "--openai-servers <urls>",
  }),
  "openai.discover": setting({
    kind: "boolean",
    schema: Flag,
    standard: true,
    about: "Looks for such servers on this machine's ports 11434, 8000, 8080 and 1234.",
    example: "false",
  }),
  "openai.models": setting({
    kind: "list",
    schema: z
      .array(Text(LIMITS.served_model_chars_max), { error: 'must be a list of names, as in ["llama3.2:3b"]' })
      .max(LIMITS.formats_per_engine_max, `must be at most ${LIMITS.formats_per_engine_max} names`),
    standard: [],
    standard_text: "[], which is all of them",
    about: "The servers' models that are offered, by the servers' own names.",
    example: '["llama3.2:3b"]',
    flag: "--openai-models <names>",
  }),
  "openai.at_once": setting({
    kind: "number",
    schema: Count.max(LIMITS.generations_at_once_max, `must be at most ${LIMITS.generations_at_once_max}`),
    standard: undefined,
    standard_text: `what the server says, else ${LIMITS.openai_at_once_default}`,
    about: "Completions that one server makes at once; more wait here.",
    example: "8",
  }),
  "openai.api_key_file": setting({
    kind: "text",
    schema: Text(PATH_CHARS_MAX),
    standard: undefined,
    about:
      "File with the key that the named servers want, readable by its owner alone; `INFERNET_OPENAI_API_KEY` goes before it. Servers that were looked for get none.",
    example: '"/home/ada/.vllm-key"',
  }),
  "peers.enabled": setting({
    kind: "boolean",
    schema: Flag,
    standard: true,
    about:
      "Joins the network of peers, where there are any to begin with: those that the edge names, or these settings.",
    example: "false",
    flag: "--no-p2p",
  }),
  "peers.listen": setting({
    kind: "list",
    schema: z
      .array(ListenAddress, { error: 'must be a list of addresses, as in ["/ip4/0.0.0.0/tcp/4801"]' })
      .max(LIMITS.peer_addresses_max, `must be at most ${LIMITS.peer_addresses_max} addresses`),
    standard: [],
    standard_text: "[], which is no port: it goes to others, and relays lead others here",
    about: "Addresses to listen on for peers.",
    example: '["/ip4/0.0.0.0/tcp/4801", "/ip4/0.0.0.0/tcp/4802/ws"]',
    flag: "--peers-listen <addresses>",
  }),
  "peers.announce": setting({
    kind: "list",
    schema: z
      .array(PeerAddress, { error: 'must be a list of addresses, as in ["/dns/attic.example/tcp/4801"]' })
      .max(LIMITS.peer_addresses_max, `must be at most ${LIMITS.peer_addresses_max} addresses`),
    standard: [],
    standard_text: "[]",
    about: "Where peers reach it besides, as through a port that the router forwards.",
    example: '["/dns/attic.example/tcp/4801"]',
    flag: "--peers-announce <addresses>",
  }),
  "peers.bootstrap": setting({
    kind: "list",
    schema: z
      .array(BootstrapAddress, {
        error: 'must be a list of addresses, as in ["/ip4/203.0.113.7/tcp/4801/p2p/12D3KooW..."]',
      })
      .max(LIMITS.bootstrap_peers_max, `must be at most ${LIMITS.bootstrap_peers_max} addresses`),
    standard: [],
    standard_text: "[]",
    about: "Peers to begin with, besides those that the edge names; `infernet-runner peer` prints its own.",
    example: '["/ip4/203.0.113.7/tcp/4801/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"]',
    flag: "--peers-bootstrap <addresses>",
  }),
  "peers.local": setting({
    kind: "boolean",
    schema: Flag,
    standard: false,
    about: "Looks for peers in the local network, by mDNS, and is found there.",
    example: "true",
    flag: "--peers-local",
  }),
  "peers.relay": setting({
    kind: "boolean",
    schema: Flag,
    standard: false,
    about: "Passes on what others send each other who have no port of their own; it needs `peers.listen`.",
    example: "true",
    flag: "--peers-relay",
  }),
  "peers.share_models": setting({
    kind: "boolean",
    schema: Flag,
    standard: true,
    about:
      "Gives models of its cache to peers that ask, within `limits.upload_bytes_per_second`; it takes them from peers either way.",
    example: "false",
  }),
  "peers.connections": setting({
    kind: "number",
    schema: Count.max(LIMITS.peer_connections_max, `must be at most ${LIMITS.peer_connections_max}`),
    standard: LIMITS.peer_connections_max,
    about: "Connections with peers at one time.",
    example: "100",
  }),
  "peers.aggregators": setting({
    kind: "list",
    schema: z
      .array(AggregatorRef, { error: 'must be a list, as in ["net_...", "12D3KooW..."] or ["any"]' })
      .max(LIMITS.aggregators_listed_max, `must be at most ${LIMITS.aggregators_listed_max} of them`),
    standard: [],
    standard_text: "[], which is none",
    about:
      "Peers' aggregators that it works for besides: networks, the peers that serve them, or their addresses; `any` lets whoever invites it.",
    example: '["/ip4/203.0.113.7/tcp/4801/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"]',
    flag: "--aggregators <list>",
  }),
  "peers.aggregators_max": setting({
    kind: "number",
    schema: Count.max(LIMITS.aggregators_max, `must be at most ${LIMITS.aggregators_max}`),
    standard: LIMITS.aggregators_default,
    about: "Peers' aggregators that it works for at once.",
    example: "8",
  }),
  "direct.payment": setting<"off" | "free" | "voucher", "off" | "free" | "voucher">({
    kind: "text",
    schema: z.enum(["off", "free", "voucher"], { error: "must be off, free or voucher" }),
    standard: "off",
    about:
      "Takes small jobs that peers send it without an edge: for nothing (`free`), or paid by vouchers on escrows that name this machine's key (`voucher`).",
    example: '"free"',
    flag: "--direct <payment>",
  }),
  "direct.allow": setting({
    kind: "list",
    schema: z
      .array(RunnerId, { error: "must be a list of ids, as `infernet-runner id --client` prints them" })
      .max(LIMITS.direct_allow_max, `must be at most ${LIMITS.direct_allow_max} ids`),
    standard: [],
    standard_text: "[], which is anybody",
    about: "Ids of those who may send them.",
    example: `["run_${"a".repeat(52)}"]`,
    flag: "--direct-allow <ids>",
  }),
  "escrow.endpoints": setting({
    kind: "list",
    schema: z
      .array(HttpAddress, { error: 'must be a list of addresses, as in ["https://api.devnet.solana.com"]' })
      .max(LIMITS.escrow_endpoints_max, `must be at most ${LIMITS.escrow_endpoints_max} addresses`),
    standard: [],
    standard_text: "[]",
    about: "Endpoints of the Solana cluster on which vouchers are taken, given and redeemed.",
    example: '["https://api.devnet.solana.com"]',
  }),
  "escrow.genesis_hash": setting({
    kind: "text",
    schema: SolanaAddress,
    standard: undefined,
    about: "Genesis hash of that cluster; mainnet is refused, for nobody has audited the program.",
    example: '"EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"',
  }),
  "escrow.program": setting({
    kind: "text",
    schema: SolanaAddress,
    standard: undefined,
    about: "Address of the escrow program on it.",
    example: '"4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"',
  }),
  "escrow.mint": setting({
    kind: "text",
    schema: SolanaAddress,
    standard: undefined,
    about: "The coin in which direct jobs are paid.",
    example: '"4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"',
  }),
  "pause.when_busy": setting({
    kind: "boolean",
    schema: Flag,
    standard: false,
    about: "Pause while other programs use the machine. What it holds is finished first.",
    example: "true",
    flag: "--pause-when-busy",
  }),
  "pause.busy_cpu_share": setting({
    kind: "number",
    schema: Share,
    standard: 0.3,
    about: "Share of all cores that other programs must use to count as busy.",
    example: "0.5",
  }),
  "pause.busy_gpu_share": setting({
    kind: "number",
    schema: Share,
    standard: 0.3,
    about: "Use of a GPU that counts as busy, measured while the runner itself does not use it.",
    example: "0.5",
  }),
  "pause.schedule": setting({
    kind: "list",
    schema: z.array(Period, { error: 'must be a list of times, as in ["mon-fri 09:00-18:00"]' }),
    standard: [],
    standard_text: "[]",
    about: "Times of this machine's clock at which it pauses.",
    example: '["mon-fri 09:00-18:00", "22:00-06:00"]',
    flag: "--pause-schedule <times>",
  }),
  "pause.on_battery": setting({
    kind: "boolean",
    schema: Flag,
    standard: false,
    about: "Pause while the machine runs on its battery.",
    example: "true",
    flag: "--pause-on-battery",
  }),
  "metrics.port": setting({
    kind: "number",
    schema: z
      .int({ error: "must be a port, 0 to 65535" })
      .min(0, "must be a port, 0 to 65535")
      .max(65_535, "must be a port, 0 to 65535"),
    standard: LIMITS.runner_metrics_port_default,
    about: "Port on 127.0.0.1 of Prometheus metrics, /health and /ready; 0 for none.",
    example: "9464",
    flag: "--metrics-port <port>",
  }),
  "log.file_bytes": setting({
    kind: "text",
    schema: Bytes,
    standard: LIMITS.runner_log_bytes_default,
    standard_text: '"10 MiB"',
    about: "Size at which a new log file is begun.",
    example: '"50 MiB"',
  }),
  "log.files": setting({
    kind: "number",
    schema: Count,
    standard: 5,
    about: "Log files that are kept.",
    example: "3",
  }),
} as const;

export type SettingKey = keyof typeof SETTINGS;
type ValueOf<S> =
  S extends Setting<infer Value, infer Standard>
    ? Standard extends undefined
      ? Value | undefined
      : Value
    : never;

/** A value for each setting; undefined where nothing is set and there is no default. */
export type Settings = { [Key in SettingKey]: ValueOf<(typeof SETTINGS)[Key]> };

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];
export const settingOf = (key: SettingKey): Setting<unknown, unknown> => SETTINGS[key];

/** `limits.cores` is read from `INFERNET_LIMITS_CORES`. */
export const environmentName = (key: SettingKey): string => `INFERNET_${key.replace(".", "_").toUpperCase()}`;
