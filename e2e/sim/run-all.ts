import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Run } from "./run-scenario.ts";
import type { Scenario } from "./scenarios.ts";

/** One scenario with one seed. */
export interface Task {
  scenario: Scenario;
  seed: number;
}

/** What a thread answers: a run, or what went wrong in it. */
export type Outcome = { task: Task } & ({ run: Run } | { error: string });

/** Runs tasks side by side, each in one thread: what comes out does not depend on how many there are. */
export async function runAll(tasks: readonly Task[], onOutcome: (outcome: Outcome) => void): Promise<void> {
  const queue = [...tasks];
  const threads = Math.min(availableParallelism(), queue.length);
  await Promise.all(Array.from({ length: threads }, () => work(queue, onOutcome)));
}

function work(queue: Task[], onOutcome: (outcome: Outcome) => void): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const worker = new Worker(new URL("sim-thread.ts", import.meta.url));
  const next = (): void => {
    const task = queue.shift();
    if (task !== undefined) worker.postMessage(task);
    else resolve(worker.terminate());
  };
  worker.on("message", (outcome: Outcome) => {
    onOutcome(outcome);
    next();
  });
  worker.on("error", reject);
  next();
  return promise;
}
