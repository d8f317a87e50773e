import { setTimeout as sleep } from "node:timers/promises";
import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerQuery } from "@infernet/schemas/peer/peer-query";
import { surviveLibraryFaults } from "infernet-runner/p2p/node/library-faults";
import type { MachinesProcess } from "../../network/peers/machines-process.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { treeUse } from "../process-use.ts";
import { median, quantile } from "../quantile.ts";
import { renderTable } from "../render-table.ts";
import { openAsker } from "./open-asker.ts";
import { startNetwork } from "./start-network.ts";
import { type FindTimes, timeFind } from "./time-find.ts";

const SIZE = { processes: 10, machines_each: 5, record_ms: 60_000, renew_ms: 20_000 };
const KILLED_PROCESSES = 3;
const QUERY: PeerQuery = { engine: "onnx", vram_gib_min: 12 };
const ASKERS = 10;
const FINDS_EACH = 5;
const FIND_MS_MAX = 20_000;
/** Peers find the ones nearest to their labels anew in this time. */
const SETTLE_MS = 20_000;
/** A clock may be wrong by this much, and a last answer may take a while. */
const AFTER_EXPIRY_MS = 3_000;

/** How machines find each other without a list: 50 of them, and what is left when 30 % are killed at once. */
export async function benchPeers(context: BenchContext): Promise<BenchResult> {
  const { cleanup, say } = context;
  cleanup.add(surviveLibraryFaults(() => undefined));
  const network = await startNetwork(context, SIZE);
  await sleep(SETTLE_MS);
  const all = idsOf(network);
  const { joins, cold, warm } = await measureFinds(context, network, all);
  const resident = network.map(({ program }) => treeUse(program.pid).resident_bytes / SIZE.machines_each);
  const killed = await measureKill(context, network);
  const report = {
    ...{ machines: all.size, ...SIZE, joined_ms: joins, cold: cold.map(plain), warm: warm.map(plain) },
    ...{ resident_bytes_each: median(resident), killed },
  };
  say(`${formatNumber(median(resident) / 1024 ** 2)} MiB for each machine`);
  const text = [
    renderTable(
      [
        "find",
        "finds",
        "found of all, least",
        "first, p50 ms",
        "all, p50 ms",
        "all, p95 ms",
        "end, p50 ms",
        "peers asked",
      ],
      [rowOf("first of a client", cold, all), rowOf("later ones", warm, all)],
    ),
    `  a client's first look-up of its neighbours: p50 ${formatNumber(median(joins))} ms, p95 ${formatNumber(quantile(joins, 0.95))} ms`,
    "",
    renderTable(
      ["after SIGKILL of 30 %", "living found", "dead shown", "all living, ms"],
      killed.map(({ at_s, living, of, dead, last_ms }) => [
        `${formatNumber(at_s)} s`,
        ...[`${living} of ${of}`, String(dead), formatNumber(last_ms)],
      ]),
    ),
  ].join("\n");
  return { report, text };
}

/** Clients that come one after the other, each with nothing but one address. */
async function measureFinds(
  { say }: BenchContext,
  [first]: readonly MachinesProcess[],
  all: ReadonlySet<RunnerId>,
): Promise<{ joins: number[]; cold: FindTimes[]; warm: FindTimes[] }> {
  const joins: number[] = [];
  const cold: FindTimes[] = [];
  const warm: FindTimes[] = [];
  for (let n = 0; n < ASKERS; n++) {
    const asker = await openAsker(first?.addresses ?? []);
    joins.push(asker.joined_ms);
    for (let i = 0; i < FINDS_EACH; i++)
      (i === 0 ? cold : warm).push(await timeFind(asker, QUERY, all, FIND_MS_MAX));
    await asker.close();
  }
  say(`${ASKERS * FINDS_EACH} finds by ${ASKERS} clients`);
  return { joins, cold, warm };
}

interface AfterKill {
  /** Since the kill. */
  at_s: number;
  living: number;
  of: number;
  dead: number;
  last_ms: number;
}

/** Kills some processes at once, and looks at once, again and again, and after the last of their records is over. */
async function measureKill({ say }: BenchContext, network: readonly MachinesProcess[]): Promise<AfterKill[]> {
  const victims = network.slice(-KILLED_PROCESSES);
  const left = network.slice(0, -KILLED_PROCESSES);
  const [living, dead] = [idsOf(left), idsOf(victims)];
  await Promise.all(victims.map(({ program }) => program.kill()));
  const killed = performance.now();
  say(`${dead.size} of ${living.size + dead.size} machines killed`);
  const rounds: AfterKill[] = [];
  const look = async (): Promise<void> => {
    const at_s = (performance.now() - killed) / 1_000;
    const asker = await openAsker(left[0]?.addresses ?? []);
    const { found, last_ms } = await timeFind(asker, QUERY, living, FIND_MS_MAX);
    await asker.close();
    const among = (ids: ReadonlySet<RunnerId>) => [...ids].filter((id) => found.has(id)).length;
    rounds.push({ at_s, living: among(living), of: living.size, dead: among(dead), last_ms });
  };
  for (const at_ms of [0, 10_000, 30_000, SIZE.record_ms + AFTER_EXPIRY_MS]) {
    await sleep(Math.max(0, killed + at_ms - performance.now()));
    await look();
  }
  return rounds;
}

const idsOf = (network: readonly MachinesProcess[]): Set<RunnerId> =>
  new Set(network.flatMap(({ ids }) => ids));

const plain = ({ found, ...times }: FindTimes) => ({ found: found.size, ...times });

function rowOf(title: string, finds: readonly FindTimes[], all: ReadonlySet<RunnerId>): string[] {
  const of = (pick: (times: FindTimes) => number) => finds.map(pick);
  const last = of(({ last_ms }) => last_ms);
  return [
    ...[title, String(finds.length), `${Math.min(...of(({ found }) => found.size))} of ${all.size}`],
    ...[median(of(({ first_ms }) => first_ms)), median(last), quantile(last, 0.95)].map(formatNumber),
    ...[median(of(({ end_ms }) => end_ms)), median(of(({ asked }) => asked))].map(formatNumber),
  ];
}
