import { join } from "node:path";
import { tinyJob, uploadTinyModel } from "../../live/tiny-job.ts";
import { createAccount } from "../../network/account.ts";
import type { BenchContext } from "../bench-part.ts";
import { treeCpuMs } from "../process-use.ts";
import { type RunnerBuild, startBuild } from "../runner-builds.ts";
import { startBenchEdge } from "../start-bench-edge.ts";

/** How long it took from the start of the process, by this process's clock. */
export interface StartTimes {
  registered_ms: number;
  leased_ms: number;
  done_ms: number;
  /** Processor time of the runner and its children until it held the lease. */
  cpu_ms: number;
}

const STARTS = 7;

/**
 * A runner that has worked before is started while a job waits: until it holds a lease, and until it has computed it. Its
 * engine is installed, its model in the cache.
 */
export async function measureStarts(
  { cleanup, say }: BenchContext,
  build: RunnerBuild,
): Promise<StartTimes[]> {
  const { edge, folder } = await startBenchEdge({ cleanup });
  const client = await createAccount(edge, "bench");
  await uploadTinyModel(client);
  const times: StartTimes[] = [];
  // The first start fills caches and is not counted.
  for (let n = 0; n <= STARTS; n += 1) {
    await client.createJob(tinyJob(1));
    const started = performance.now();
    const since = () => performance.now() - started;
    const program = startBuild(build, { edgeUrl: edge.url, home: join(folder, "home") });
    cleanup.add(program.kill);
    const leased = program
      .waitFor("leased")
      .then(() => ({ leased_ms: since(), cpu_ms: treeCpuMs(program.pid) }));
    const registered_ms = await program.waitFor("registered").then(since);
    const { leased_ms, cpu_ms } = await leased;
    const done_ms = await program.waitFor("shard.done").then(since);
    await program.waitFor("submitted");
    await program.stop();
    if (n > 0) times.push({ registered_ms, leased_ms, done_ms, cpu_ms });
  }
  say(`${STARTS} starts of ${build.title}`);
  await cleanup.run();
  return times;
}
