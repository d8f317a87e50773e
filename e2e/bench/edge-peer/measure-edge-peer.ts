import { setTimeout as delay } from "node:timers/promises";
import { treeUse } from "../process-use.ts";
import { median } from "../quantile.ts";
import type { BenchNetwork } from "./start-network.ts";
import type { BenchWorker } from "./start-worker.ts";

export interface StepReport {
  name: string;
  times: number;
  median_ms: number;
  worst_ms: number;
  /** Processor time of workerd for one of them. */
  cpu_ms: number;
}

export interface EdgePeerReport {
  steps: StepReport[];
  /** What workerd takes with the code loaded, with a node, and after all questions. */
  idle_bytes: number;
  open_bytes: number;
  asked_bytes: number;
  /** Left alone with its connections, longer than an object without any stays in memory; and without. */
  after_idle: { idle_s: number; isSame: boolean; connections: number };
  after_stop: { isSame: boolean };
}

const STARTS = 5;
const QUESTIONS = 40;
/** workerd puts an object that nobody asks away after ten seconds; the platform after 70 to 140. */
const IDLE_MS = 20_000;

export async function measureEdgePeer(
  worker: BenchWorker,
  { address, recordKeys, label }: BenchNetwork,
  say: (line: string) => void,
): Promise<EdgePeerReport> {
  const taken = new Map<string, { ms: number; cpu_ms: number }[]>();
  const take = async (name: string, step: object): Promise<Record<string, unknown>> => {
    const before = treeUse(worker.pid).cpu_ms;
    const { ms, answer } = await worker.take(step);
    if ("error" in answer) throw new Error(`${name}: ${String(answer.error)}`);
    taken.set(name, [...(taken.get(name) ?? []), { ms, cpu_ms: treeUse(worker.pid).cpu_ms - before }]);
    return answer;
  };
  const get = (name: string, n: number) =>
    take(name, { step: "get", key: recordKeys[n % recordKeys.length] });

  const idle_bytes = treeUse(worker.pid).resident_bytes;
  say(`${STARTS} starts`);
  for (let n = 0; n < STARTS; n += 1) {
    if (n > 0) await take("stop", { step: "stop" });
    await take("create", { step: "create" });
    await take("dial", { step: "dial", address });
    await get("first get", n);
  }
  const open_bytes = treeUse(worker.pid).resident_bytes;
  say(`${QUESTIONS} questions of each kind`);
  for (let n = 0; n < QUESTIONS; n += 1) await get("get", n);
  for (let n = 0; n < QUESTIONS; n += 1) await take("find", { step: "find", label });
  const before = await take("state", { step: "state" });
  const asked_bytes = treeUse(worker.pid).resident_bytes;

  say("left alone");
  const cpu_ms = treeUse(worker.pid).cpu_ms;
  await delay(IDLE_MS);
  const idle = { ms: IDLE_MS, cpu_ms: treeUse(worker.pid).cpu_ms - cpu_ms };
  taken.set(`left alone for ${IDLE_MS / 1_000} s`, [idle]);
  const after = await take("state", { step: "state" });
  await take("stop", { step: "stop" });
  await delay(IDLE_MS);
  const alone = await take("state", { step: "state" });
  return {
    steps: [...taken].map(([name, times]) => ({
      name,
      times: times.length,
      median_ms: median(times.map(({ ms }) => ms)),
      worst_ms: Math.max(...times.map(({ ms }) => ms)),
      cpu_ms: times.reduce((sum, one) => sum + one.cpu_ms, 0) / times.length,
    })),
    idle_bytes,
    open_bytes,
    asked_bytes,
    after_idle: {
      idle_s: IDLE_MS / 1_000,
      isSame: before.instance === after.instance,
      connections: Number(after.connections),
    },
    after_stop: { isSame: after.instance === alone.instance },
  };
}
