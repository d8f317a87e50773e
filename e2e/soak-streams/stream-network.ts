import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LIMITS } from "@infernet/schemas/limits";
import { uploadTinylm } from "../fixtures/tinylm-model.ts";
import { createAccount } from "../network/account.ts";
import type { ApiClient } from "../network/api-client.ts";
import type { Cleanup } from "../network/cleanup.ts";
import { type CuttableLine, startCuttableLine } from "../network/cuttable-line.ts";
import { type EdgeProcess, startEdge } from "../network/edge-process.ts";
import { findEngineProcess } from "../network/find-engine-process.ts";
import { type RunnerProcess, startRunner } from "../network/runner-process.ts";
import { createTempFolder } from "../network/temp-folder.ts";

const RUNNERS = 3;
/** Long enough for the edge to give the work to another machine. */
const CUT_MS = LIMITS.stream_silence_ms_max + 2_000;

export type Disaster = "runner" | "engine" | "network" | "edge";

interface Machine {
  runner: RunnerProcess;
  line: CuttableLine;
}

/** An edge and runners on lines that can be cut, with the test model; all of them die on command. */
export interface StreamNetwork {
  readonly client: ApiClient;
  /** Kills with SIGKILL, or cuts a line, and brings back what it took; resolves when that is there again. */
  strike(disaster: Disaster, random: () => number): Promise<void>;
}

export async function startStreamNetwork(cleanup: Cleanup): Promise<StreamNetwork> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const launch = async (port?: number): Promise<EdgeProcess> => {
    const state = join(folder.path, "edge");
    const environment = { LEASE_MS: "3000" };
    const started = await startEdge({ state, environment, ...(port === undefined ? {} : { port }) });
    cleanup.add(started.program.kill);
    return started;
  };
  let edge = await launch();
  const addRunner = async (n: number, line: CuttableLine): Promise<RunnerProcess> => {
    const runner = await startRunner({ edgeUrl: line.url, name: `runner-${n}`, folder: folder.path });
    cleanup.add(runner.program.kill);
    return runner;
  };
  const machines: Machine[] = [];
  for (let n = 0; n < RUNNERS; n += 1) {
    const line = await startCuttableLine(edge.port);
    cleanup.add(line.close);
    machines.push({ line, runner: await addRunner(n, line) });
  }
  const client = await createAccount(edge, "streams");
  await uploadTinylm(client);

  return {
    client,
    strike: async (disaster, random) => {
      const n = Math.floor(random() * RUNNERS);
      const machine = machines[n] as Machine;
      switch (disaster) {
        case "edge":
          await edge.program.kill();
          edge = await launch(edge.port);
          return;
        case "runner":
          await machine.runner.program.kill();
          machine.runner = await addRunner(n, machine.line);
          return;
        case "engine": {
          const engine = findEngineProcess(machine.runner.program.pid);
          if (engine !== null) process.kill(engine, "SIGKILL");
          return;
        }
        case "network": {
          machine.line.cut();
          await delay(CUT_MS);
          machine.line.mend();
          return;
        }
        default:
          disaster satisfies never;
      }
    },
  };
}
