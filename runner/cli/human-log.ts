import type { InvitationTerms } from "@infernet/schemas/peer/invitation";
import type { Capability } from "@infernet/schemas/runner";
import { renderGpu } from "../hardware/gpu/render-gpu.ts";
import { renderBytes } from "../hardware/render-bytes.ts";
import { ALONE_FIX, renderAlone } from "../p2p/join/render-alone.ts";
import { renderReachability } from "../p2p/node/reachability.ts";
import { renderSkew } from "../work/render-skew.ts";
import type { Log, RunnerEvent } from "../work/runner-event.ts";
import { renderCount } from "./render-count.ts";
import { renderTime } from "./render-time.ts";

/** How often, at most, the work done is summed up in a line. */
const SUMMARY_MS = 10_000;
/** When no shard has finished for so long, the work done is told without waiting for more. */
const IDLE_MS = 3_000;

interface Tally {
  shards: number;
  rows: number;
  /** Made here. */
  tokens: number;
  compute_ms: number;
  since_ms: number;
}

/** Lines for a person: what is new at once, the steady work summed up, and the last of it soon after. */
export function createHumanLog(write: (line: string) => void, now: () => Date): Log {
  let tally: Tally | null = null;
  let summed_ms = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const say = (text: string): void => write(`${now().toISOString().slice(11, 19)}  ${text}\n`);
  const sumUp = (): void => {
    clearTimeout(timer);
    if (tally && tally.shards > 0) {
      const { shards, rows, tokens, compute_ms } = tally;
      const counts = [
        renderCount(shards, "shard"),
        renderCount(rows, "row"),
        ...(tokens > 0 ? [renderCount(tokens, "token")] : []),
      ];
      say(`computed ${counts.join(", ")}, ${compute_ms.toFixed(0)} ms in the engine`);
      summed_ms = now().getTime();
    }
    tally = null;
  };

  return (event) => {
    if (event.event === "shard.done") {
      const now_ms = now().getTime();
      tally ??= { shards: 0, rows: 0, tokens: 0, compute_ms: 0, since_ms: now_ms };
      tally.shards += 1;
      tally.rows += event.rows;
      tally.tokens += event.tokens?.made_tokens ?? 0;
      tally.compute_ms += event.compute_ms;
      clearTimeout(timer);
      if (now_ms - tally.since_ms >= SUMMARY_MS) sumUp();
      // A summary is no reason for the process to stay.
      else timer = setTimeout(sumUp, Math.max(IDLE_MS, summed_ms + SUMMARY_MS - now_ms)).unref();
      return;
    }
    if (event.event === "stopped" || event.event === "draining") sumUp();
    for (const line of linesOf(event)) say(line);
  };
}

/** What a person is told of one event; none for those that are summed up. */
export function linesOf(event: RunnerEvent): string[] {
  const lines = linesAbout(event);
  return event.aggregator === undefined
    ? lines
    : lines.map((line) => `${event.aggregator?.slice(0, 12)}: ${line}`);
}

function linesAbout(event: RunnerEvent): string[] {
  switch (event.event) {
    case "preparing":
      return [event.detail];
    case "started":
      return introduction(event);
    case "registered":
      return [
        "registered; waiting for work",
        ...event.warnings.map((warning) => `the edge warns: ${warning}`),
      ];
    case "speed.measured":
      return event.cores >= event.of ? [] : [slowness(event)];
    case "model.loaded":
      return [
        `loaded model ${event.model.slice(0, 12)} as ${event.execution_class} in ${event.load_ms.toFixed(0)} ms`,
      ];
    case "shard.failed":
      return [`failed shard ${event.shard} of ${event.job_id}: ${event.detail} (${event.code})`];
    case "shard.lost":
      return [`lost shard ${event.shard} of ${event.job_id}: the edge took the lease back`];
    case "shard.handed_back":
      return [`handed back shard ${event.shard} of ${event.job_id}`];
    case "submitted":
      return event.receipts
        .filter(({ status }) => status === "late" || status === "refused")
        .map(({ lease_id, status, detail }) => `${status}: the result of ${lease_id}. ${detail ?? ""}`);
    case "edge.unreachable":
      return [`${event.detail}; trying again until it does`];
    case "edge.back":
      return ["the edge is back"];
    case "edge.refused":
      return [`${event.detail}; trying again`];
    case "draining":
      return [
        `stopping: ${renderCount(event.leases, "lease")} to finish or hand back, at most ${event.grace_ms / 1_000} s`,
      ];
    case "stopped":
      return [
        `stopped after ${renderCount(event.shards_done, "shard")}, ${renderCount(event.rows_done, "row")}, ${event.shards_failed} failed` +
          (event.unsent > 0 ? `; ${event.unsent} results could not be sent` : ""),
      ];
    case "fatal":
      return [`${event.detail.replace(/\.$/, "")}. ${event.hint}`];
    case "paused":
      return [`paused: ${event.reason}; what it holds is finished`];
    case "resumed":
      return [`goes on after a pause of ${renderTime(event.paused_ms)}`];
    case "woke":
      return [`stood still for ${renderTime(event.gap_ms)}; asking the edge anew`];
    case "clock.skewed":
      return [`${renderSkew(event.skew_ms)}: set it, or requests will be refused`];
    case "clock.right":
      return ["this machine's clock is right again"];
    case "warning":
      return [event.detail];
    case "streams.posting":
      return ["no WebSocket gets through to the edge: tokens go there in posts, a little later each"];
    case "peers.joined":
      return [`in the network of peers, with ${renderCount(event.peers, "connection")}`];
    case "peers.alone":
      return [`${renderAlone(event.tried)}; trying again. ${ALONE_FIX}`];
    case "peers.reachability":
      return [`among peers this machine ${renderReachability(event.reachability)}`];
    case "offers.changed":
      return [`offers ${event.capability.engines.map(renderEngine).join(", ") || "nothing at present"}`];
    case "peer.distrusted":
      return [`takes nothing from peer ${event.peer} for a while: ${event.detail}`];
    case "blob.fetched":
      return event.from_peers_bytes > 0 ? [fetching(event)] : [];
    case "aggregator.joined":
      return [
        `works for ${event.name}, an aggregator of a peer, besides; it pays ${renderTerms(event.terms)}`,
      ];
    case "aggregator.left":
      return [`no longer works for ${event.name}: ${event.detail}`];
    case "aggregator.declined":
      return [`does not work for ${event.name}, which invites it: ${event.detail}`];
    case "leased":
    case "model.unloaded":
    case "blobs.sent":
    case "shard.done":
    case "direct.done":
      return [];
    default:
      event satisfies never;
      return [];
  }
}

function fetching(fetched: Extract<RunnerEvent, { event: "blob.fetched" }>): string {
  const { sha256, from_peers_bytes, from_edge_bytes, peers } = fetched;
  const rest = from_edge_bytes > 0 ? `, ${renderBytes(from_edge_bytes)} from the edge` : "";
  return `fetched ${sha256.slice(0, 12)}: ${renderBytes(from_peers_bytes)} from ${renderCount(peers, "peer")}${rest}`;
}
const renderTerms = (terms: InvitationTerms): string =>
  terms.pay === "free" ? "nothing" : `${terms.micro_per_core_hour} micro-${terms.unit} for an hour of a core`;

function slowness({ cores, of, passed }: Extract<RunnerEvent, { event: "speed.measured" }>): string {
  if (!passed) return "the edge takes this machine for 1 core: its challenge was answered wrongly or late";
  return `the edge takes this machine for ${renderCount(cores, "core")} of ${of}, by the time its challenge took`;
}

/** At most 15 lines: what it is, what it has, how it is reached and stopped. */
function introduction(started: Extract<RunnerEvent, { event: "started" }>): string[] {
  const { id, version, edge, home, capability, missing, referee, metrics } = started;
  const { asking_micro_per_core_hour: asking } = capability;
  return [
    `infernet-runner ${version}`,
    `id       ${id}`,
    `edge     ${edge ?? "none: it works for peers' aggregators"}`,
    `home     ${home}`,
    `machine  ${renderMachine(capability)}`,
    ...capability.engines
      .filter(({ engine }) => engine !== "openai")
      .slice(0, ENGINES_SHOWN)
      .map((offer) => `engine   ${renderOffer(offer)}`),
    ...renderServers(capability.engines.filter(({ engine }) => engine === "openai")),
    ...(missing.length > 0
      ? [`without  ${missing.map(({ engine, reason }) => `${engine} (${reason})`).join("; ")}`]
      : []),
    `price    ${asking === undefined ? "any" : `at least ${asking} micro-units for an hour of a core`}`,
    ...(metrics === null ? [] : [`metrics  ${metrics}`]),
    ...(referee
      ? ["referee  decides disagreements once the operator trusts this id, and does nothing else"]
      : []),
    "stop     Ctrl-C finishes or hands back what it has; a second one quits",
  ];
}

/** So that a machine with many of them still says the rest. */
const ENGINES_SHOWN = 4;

function renderOffer({
  engine,
  version,
  execution_provider,
  sandbox,
}: Capability["engines"][number]): string {
  return `${engine} ${version} on ${execution_provider}, sandbox: ${sandbox}`;
}

/** Of OpenAI's API, all in one line: each with its models, by its own names. */
function renderServers(offers: Capability["engines"]): string[] {
  const servers = offers.map(({ version, formats }) => `${version} with ${renderModels(formats)}`);
  return servers.length === 0 ? [] : [`servers  ${servers.join("; ")}`];
}

function renderModels(names: readonly string[]): string {
  const more = names.length - MODELS_SHOWN;
  return `${names.slice(0, MODELS_SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
const MODELS_SHOWN = 5;

const renderEngine = ({ engine, formats }: Capability["engines"][number]): string =>
  engine === "openai" ? `${renderModels(formats)} on a server` : engine;

function renderMachine({ cpu_cores, memory_bytes, gpus }: Capability): string {
  const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  return [
    renderCount(cpu_cores, "core"),
    `${gib(memory_bytes)} of memory`,
    ...gpus.map((gpu) => `GPU: ${renderGpu(gpu)}`),
  ].join(", ");
}
