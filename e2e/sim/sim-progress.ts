import { SingleBar } from "cli-progress";
import type { Outcome, Task } from "./run-all.ts";

/** Shows how far the runs are: a bar on a terminal, else a line for each scenario that is done. */
export interface SimProgress {
  show: (outcome: Outcome) => void;
  stop: () => void;
}

export function createSimProgress(tasks: readonly Task[], out: NodeJS.WriteStream): SimProgress {
  return out.isTTY ? createBar(tasks, out) : createLines(tasks, out);
}

function createBar(tasks: readonly Task[], out: NodeJS.WriteStream): SimProgress {
  const bar = new SingleBar({
    format: "  {bar}  {percentage} %  {value}/{total} runs  {duration_formatted}  {note}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 20,
    hideCursor: true,
    stream: out,
  });
  bar.start(tasks.length, 0, { note: "" });
  return {
    show: ({ task }) => bar.increment(1, { note: task.scenario.name }),
    stop: () => bar.stop(),
  };
}

function createLines(tasks: readonly Task[], out: NodeJS.WriteStream): SimProgress {
  const left = new Map<string, number>();
  for (const { scenario } of tasks) left.set(scenario.name, (left.get(scenario.name) ?? 0) + 1);
  const start_ms = performance.now();
  return {
    show: ({ task }) => {
      const { name } = task.scenario;
      const rest = (left.get(name) ?? 0) - 1;
      left.set(name, rest);
      if (rest > 0) return;
      const seconds = Math.round((performance.now() - start_ms) / 1_000);
      out.write(`  ${String(seconds).padStart(4)} s  ${name}\n`);
    },
    stop: () => undefined,
  };
}
