import { join } from "node:path";
import { createAccount } from "../network/account.ts";
import type { ApiClient } from "../network/api-client.ts";
import type { Cleanup } from "../network/cleanup.ts";
import { type EdgePlatform, type EdgeProcess, startEdge } from "../network/edge-process.ts";
import { type RunnerProcess, startRunner } from "../network/runner-process.ts";
import { createTempFolder } from "../network/temp-folder.ts";

const RUNNERS = 4;
const ENVIRONMENT = { LEASE_MS: "3000", DISPATCH_BUCKETS: "2" };

/** An edge and runners that are killed with SIGKILL, one at a time, and started again on what they left on disk. */
export interface SoakNetwork {
  readonly client: ApiClient;
  /** Kills the edge with the given probability, else a runner, and starts it again. */
  killOne: (random: () => number) => Promise<"edge" | "runner">;
}

export async function startSoakNetwork(cleanup: Cleanup, platform: EdgePlatform): Promise<SoakNetwork> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const launch = async (port?: number): Promise<EdgeProcess> => {
    const options = { state: join(folder.path, "edge"), platform, environment: ENVIRONMENT };
    const started = await startEdge(port === undefined ? options : { ...options, port });
    cleanup.add(started.program.kill);
    return started;
  };
  let edge = await launch();
  const addRunner = async (n: number): Promise<RunnerProcess> => {
    const runner = await startRunner({ edgeUrl: edge.url, name: `runner-${n}`, folder: folder.path });
    cleanup.add(runner.program.kill);
    return runner;
  };
  const client = await createAccount(edge, "soak");
  const runners: RunnerProcess[] = [];
  for (let n = 0; n < RUNNERS; n += 1) runners.push(await addRunner(n));

  return {
    client,
    killOne: async (random) => {
      const n = Math.floor(random() * RUNNERS);
      const runner = runners[n];
      if (random() < 0.5 || runner === undefined) {
        await edge.program.kill();
        edge = await launch(edge.port);
        return "edge";
      }
      await runner.program.kill();
      runners[n] = await addRunner(n);
      return "runner";
    },
  };
}
