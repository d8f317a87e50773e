import { parentPort } from "node:worker_threads";
import type { Outcome, Task } from "./run-all.ts";
import { runScenario } from "./run-scenario.ts";

// A thread of `runAll`: one task after the other.
const port = parentPort;
port?.on("message", async (task: Task) => {
  port.postMessage(await attempt(task));
});

async function attempt(task: Task): Promise<Outcome> {
  try {
    return { task, run: await runScenario(task.scenario, task.seed) };
  } catch (error) {
    return { task, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
