import { performance } from "node:perf_hooks";
import type { Session } from "infernet-runner/engine/engine";
import { loadOnnxSession } from "infernet-runner/engine/onnx/onnx-engine";
import { plainSandbox } from "infernet-runner/sandbox/plain-sandbox";
import type { Sandbox } from "infernet-runner/sandbox/sandbox";
import { tryBwrap } from "infernet-runner/sandbox/try-bwrap";
import { tryProcess } from "infernet-runner/sandbox/try-process";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { median } from "../quantile.ts";
import { renderTable } from "../render-table.ts";
import { makeShardKinds, type ShardKind } from "./shard-kinds.ts";

const STARTS = 7;
const WARM_SHARE = 0.2;
const MEMORY_BYTES_MAX = 2 * 1024 ** 3;

interface KindReport {
  kind: string;
  pairs: number;
  /** From the call to the answer, by level, in the order of `levels`. */
  ms: number[];
  /** Median over pairs of the time at a level beyond that without a sandbox, as a share of the latter. */
  overhead: number[];
}

interface SandboxReport {
  levels: string[];
  /** From the start of a child to a loaded model. */
  start_ms: number[];
  kinds: KindReport[];
}

/** What a sandbox costs a shard, beside a child without one: the same shards through both by turns. */
export async function benchSandbox({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const sandboxes = await listSandboxes(say);
  const kinds = await makeShardKinds(cleanup);
  const [, , , glyphs] = kinds;
  if (!glyphs) throw new Error("there are no glyphs");
  say(`starting each ${STARTS} times`);
  const starts = await measureStarts(sandboxes, glyphs);
  const reports: KindReport[] = [];
  for (const kind of kinds) {
    say(`${kind.name}: ${kind.pairs} shards at each level, by turns`);
    reports.push(await measureKind(sandboxes, kind));
  }
  await cleanup.run();
  const report: SandboxReport = {
    levels: sandboxes.map(({ level }) => level),
    start_ms: starts.map(median),
    kinds: reports,
  };
  return { report, text: render(report) };
}

/** Without one first; then those that this machine has. */
async function listSandboxes(say: BenchContext["say"]): Promise<Sandbox[]> {
  const tried = await Promise.all([tryProcess(), tryBwrap()]);
  for (const { level, reason } of tried) if (reason !== null) say(`no '${level}' here: ${reason}`);
  return [plainSandbox, ...tried.flatMap(({ sandbox }) => (sandbox ? [sandbox] : []))];
}

const open = (sandbox: Sandbox, { manifest, dir }: ShardKind): Promise<Session> =>
  loadOnnxSession({ sandbox, threads: 1, memory_bytes_max: MEMORY_BYTES_MAX }, manifest, dir);

async function measureStarts(sandboxes: readonly Sandbox[], kind: ShardKind): Promise<number[][]> {
  const times: number[][] = sandboxes.map(() => []);
  for (let i = 0; i < STARTS; i++) {
    for (const [at, sandbox] of sandboxes.entries()) {
      const started = performance.now();
      const session = await open(sandbox, kind);
      times[at]?.push(performance.now() - started);
      await session.close();
    }
  }
  return times;
}

async function measureKind(sandboxes: readonly Sandbox[], kind: ShardKind): Promise<KindReport> {
  const sessions = await Promise.all(sandboxes.map((sandbox) => open(sandbox, kind)));
  const rounds: number[][] = [];
  const warm = Math.ceil(kind.pairs * WARM_SHARE);
  for (let i = 0; i < warm + kind.pairs; i++) {
    const round: number[] = Array(sessions.length).fill(0);
    // Who goes first is another each time: what the machine does besides meets all alike.
    for (let turn = 0; turn < sessions.length; turn++) {
      const at = (i + turn) % sessions.length;
      round[at] = await timeShard(sessions[at], kind);
    }
    if (i >= warm) rounds.push(round);
  }
  await Promise.all(sessions.map((session) => session.close()));
  const timesOf = (at: number): number[] => rounds.map((round) => round[at] ?? Number.NaN);
  const levels = sandboxes.map((_, at) => at);
  return {
    kind: kind.name,
    pairs: kind.pairs,
    ms: levels.map((at) => median(timesOf(at))),
    overhead: levels.map((at) =>
      median(rounds.map((round) => (round[at] ?? Number.NaN) / (round[0] ?? Number.NaN) - 1)),
    ),
  };
}

async function timeShard(session: Session | undefined, { inputs, rows }: ShardKind): Promise<number> {
  const { signal } = new AbortController();
  const started = performance.now();
  await session?.run(inputs, rows, { timeout_ms: 60_000, signal });
  return performance.now() - started;
}

function render({ levels, start_ms, kinds }: SandboxReport): string {
  const percent = (share: number): string => `${share >= 0 ? "+" : ""}${(100 * share).toFixed(1)} %`;
  const table = renderTable(
    ["median, ms", ...levels],
    [
      ["start to a loaded model", ...start_ms.map(formatNumber)],
      ...kinds.map(({ kind, ms, overhead }) => [
        kind,
        ...ms.map((value, i) => {
          const share = overhead[i] ?? Number.NaN;
          return i === 0 ? formatNumber(value) : `${formatNumber(value)} (${percent(share)})`;
        }),
      ]),
    ],
  );
  return `${table}\n\n  in brackets the median over pairs of what a shard takes beyond the same without a sandbox`;
}
