import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { tinyJob, uploadTinyModel } from "../../live/tiny-job.ts";
import { createAccount } from "../../network/account.ts";
import type { Program } from "../../network/program.ts";
import { until } from "../../network/until.ts";
import type { BenchContext } from "../bench-part.ts";
import { treeUse } from "../process-use.ts";
import { type RunnerBuild, startBuild } from "../runner-builds.ts";
import { startBenchEdge } from "../start-bench-edge.ts";

/** At least two polls of the edge's full wait. */
const IDLE_MS = 60_000;
/** What a start leaves to do: challenges, measurements, the first collection of garbage. */
const SETTLE_MS = 15_000;

export interface IdleReport {
  runner: string;
  /** With no model loaded, before and after the idle minute. */
  resident_bytes: number;
  resident_bytes_later: number;
  /** Of one core, over the idle minute. */
  cpu_share: number;
  /** With one small model loaded that nobody uses, in a process of its own. */
  resident_bytes_with_model: number;
}

/** Runners that wait for work at a real edge, together, since waiting is all they do. */
export async function measureIdle(
  { cleanup, say }: BenchContext,
  builds: readonly RunnerBuild[],
): Promise<IdleReport[]> {
  const { edge, folder } = await startBenchEdge({ cleanup });
  const client = await createAccount(edge, "bench");
  await uploadTinyModel(client);
  const runners: { build: RunnerBuild; program: Program }[] = [];
  for (const [n, build] of builds.entries()) {
    const program = startBuild(build, { edgeUrl: edge.url, home: join(folder, `runner-${n}`) });
    cleanup.add(program.kill);
    await program.waitFor("registered");
    runners.push({ build, program });
  }
  say(`${runners.length} runners wait for work, one minute`);
  await delay(SETTLE_MS);
  const before = runners.map(({ program }) => treeUse(program.pid));
  const started = performance.now();
  await delay(IDLE_MS);
  const after = runners.map(({ program }) => treeUse(program.pid));
  const elapsed_ms = performance.now() - started;

  say("one small model each");
  await until("a model in every runner", async () => {
    await client.createJob(tinyJob(1));
    const loaded = runners.filter(({ program }) => program.lines.some(({ event }) => event === "shard.done"));
    return loaded.length === runners.length ? true : null;
  });
  await delay(SETTLE_MS);
  return runners.map(({ build, program }, n) => ({
    runner: build.title,
    resident_bytes: before[n]?.resident_bytes ?? Number.NaN,
    resident_bytes_later: after[n]?.resident_bytes ?? Number.NaN,
    cpu_share: ((after[n]?.cpu_ms ?? Number.NaN) - (before[n]?.cpu_ms ?? Number.NaN)) / elapsed_ms,
    resident_bytes_with_model: treeUse(program.pid).resident_bytes,
  }));
}
