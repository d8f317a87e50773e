import type { Demand } from "@infernet/schemas/demand";
import type { RunnerId } from "@infernet/schemas/ids";
import type { Activity } from "../control/activity.ts";
import type { Earned } from "../control/earned-since.ts";
import type { ExplainedEntry, WorkExplanation } from "../control/explain-work.ts";
import type { PeersReport } from "../control/peers-report.ts";
import { renderBytes } from "../hardware/render-bytes.ts";
import { renderPeersState } from "../p2p/commands/render-peers.ts";
import { renderReachability } from "../p2p/node/reachability.ts";
import type { OwnRecord } from "../transport/edge-client.ts";
import { renderEarned, renderState } from "./render-activity.ts";
import { renderCount } from "./render-count.ts";
import { renderTime } from "./render-time.ts";

export interface Status {
  id: RunnerId;
  edge: string | null;
  /** What the running runner says; null when none runs. */
  activity: Activity | null;
  /** What the running runner says of its peers; null where none runs, or it is too old to say. */
  peers: PeersReport | null;
  record: OwnRecord | null;
  demand: Demand | null;
  earned_today: Earned[] | null;
  edge_problem: string | null;
  work: WorkExplanation;
}

const UNSET = "none is set: `infernet-runner init --edge URL`";

type Aggregator = Activity["aggregators"][number];

/** Kinds of work that a person is shown. */
const ENTRIES_SHOWN = 8;
const SHARDS_SHOWN = 4;

export function renderStatus(status: Status): string {
  const { id, edge, activity, peers, record, earned_today, edge_problem, work } = status;
  const lines = [
    `id          ${id}`,
    `edge        ${edge ?? (activity === null ? UNSET : "none: it works for peers' aggregators")}`,
    `state       ${activity === null ? "not running" : renderStateSince(activity)}`,
    ...(activity === null ? [] : renderWork(activity)),
    ...(peers === null || !TOLD.has(peers.state) ? [] : [`peers       ${renderPeersLine(peers)}`]),
    ...(earned_today === null ? [] : [`today       ${renderEarned(earned_today)}`]),
    ...(record === null ? [] : [`reputation  ${renderReputation(record)}`]),
    ...(edge_problem === null ? [] : [`edge says   ${edge_problem}`]),
  ];
  if (work.reasons.length > 0) {
    lines.push("", "Why there is no work", ...work.reasons.map((reason) => `  ${reason}`));
  }
  if (work.demand.length > 0) lines.push("", "Waiting for runners", ...renderDemand(work.demand));
  return `${lines.join("\n")}\n`;
}

/** Who has no peers and wants none is not told of them. */
const TOLD: ReadonlySet<PeersReport["state"]> = new Set(["opening", "alone", "among_peers", "failed"]);

function renderPeersLine(peers: PeersReport): string {
  const { reachability, received_bytes, sent_bytes } = peers;
  const how = reachability === null ? "" : `; this machine ${renderReachability(reachability)}`;
  return `${renderPeersState(peers)}${how} (${renderBytes(received_bytes)} in, ${renderBytes(sent_bytes)} out)`;
}

function renderStateSince(activity: Activity): string {
  const up_ms = Date.now() - Date.parse(activity.started_at);
  return `${renderState(activity)}; up ${renderTime(up_ms)}, process ${activity.pid}`;
}

function renderWork(activity: Activity): string[] {
  const { now, models, shards_done, rows_done, rows_per_second, failed, shards_lost, capability } = activity;
  const { tokens_made, tokens_per_second } = activity;
  const failures = Object.entries(failed).map(([code, n]) => `${n} ${code}`);
  const done = [
    `${renderCount(shards_done, "shard")}, ${renderCount(rows_done, "row")}`,
    ...(rows_per_second > 0 ? [`${rows_per_second.toFixed(0)} rows/s`] : []),
    ...(tokens_made > 0 ? [renderCount(tokens_made, "token")] : []),
    ...(tokens_per_second > 0 ? [`${tokens_per_second.toFixed(0)} tokens/s`] : []),
    ...(failures.length > 0 ? [`failed: ${failures.join(", ")}`] : []),
    ...(shards_lost > 0 ? [`${shards_lost} lost`] : []),
  ];
  return [
    `engines     ${capability.engines.map(({ engine, execution_provider, sandbox }) => `${engine} on ${execution_provider} (${sandbox})`).join(", ")}`,
    ...now
      .slice(0, SHARDS_SHOWN)
      .map(
        ({ job_id, shard, model, rows }) =>
          `now         shard ${shard} of ${job_id}: ${renderCount(rows, "row")} of model ${model.slice(0, 12)}`,
      ),
    ...(now.length > SHARDS_SHOWN
      ? [`            and ${renderCount(now.length - SHARDS_SHOWN, "other")}`]
      : []),
    ...(models.length > 0
      ? [
          `models      ${models.map(({ model, execution_class }) => `${model.slice(0, 12)} (${execution_class})`).join(", ")}`,
        ]
      : []),
    ...renderBlobs(activity.blobs),
    `done        ${done.join("; ")}`,
    ...activity.aggregators.map((one) => `for peer    ${renderAggregator(one)}`),
  ];
}

/** Nothing while nothing has come or gone. */
function renderBlobs({ from_peers_bytes, from_edge_bytes, sent_bytes }: Activity["blobs"]): string[] {
  const parts = [
    ...(from_peers_bytes > 0 ? [`${renderBytes(from_peers_bytes)} from peers`] : []),
    ...(from_edge_bytes > 0 ? [`${renderBytes(from_edge_bytes)} from the edge`] : []),
    ...(sent_bytes > 0 ? [`${renderBytes(sent_bytes)} sent to peers`] : []),
  ];
  return parts.length > 0 ? [`files       ${parts.join(", ")}`] : [];
}

function renderAggregator({ name, network, state, trouble, shards_done, compute_ms }: Aggregator): string {
  const got = `${renderCount(shards_done, "shard")}, ${renderTime(compute_ms)} in the engine`;
  const how = state === "open" ? "" : state === "away" ? "; away" : "; registering";
  return `${name} (${network.slice(0, 12)}): ${got}${how}${trouble === null ? "" : `: ${trouble}`}`;
}

function renderReputation({ reputation }: OwnRecord): string {
  const { score, audits_passed, convictions, shards_failed, shards_expired, is_new } = reputation;
  return [
    `${score.toFixed(2)} of 1`,
    `${renderCount(audits_passed, "check")} passed`,
    ...(is_new ? ["still new"] : []),
    ...(shards_failed + shards_expired > 0 ? [`${shards_failed} failed, ${shards_expired} expired`] : []),
    ...(convictions > 0 ? [`found wrong ${convictions} times`] : []),
  ].join(", ");
}

function renderDemand(demand: readonly ExplainedEntry[]): string[] {
  const shown = demand.slice(0, ENTRIES_SHOWN);
  const lines = shown.flatMap(
    ({ model, name, shards_waiting, pays_micro_per_core_hour: pays, mismatches }) => {
      const price = pays === null ? "" : `, pays ${renderRange(pays)} micro-units for an hour of a core`;
      return [
        `  ${name ?? model.slice(0, 12)}: ${renderCount(shards_waiting, "shard")}${price}`,
        ...(mismatches?.length === 0 ? ["    fits this machine"] : []),
        ...(mismatches ?? []).map((mismatch) => `    ${mismatch}`),
      ];
    },
  );
  const more = demand.length - shown.length;
  return more > 0 ? [...lines, `  and ${more} more: --json lists them`] : lines;
}

const renderRange = ({ min, max }: { min: string; max: string }): string =>
  min === max ? min : `${min} to ${max}`;
