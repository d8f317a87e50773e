import { join } from "node:path";
import { startEagerEdge } from "./eager-edge.ts";
import { startProbed } from "./heap-probe.ts";

export interface PollsReport {
  polls: number;
  /** What it holds on to after so many polls of these, when all its code has run, and after all. */
  early: number;
  early_heap_bytes: number;
  late_heap_bytes: number;
}

export interface PollsOptions {
  node: string;
  /** The runner's program. */
  file: string;
  /** For its home. */
  folder: string;
  early: number;
  polls: number;
}

/** A runner that is told again and again that there is no work: what it holds on to early, and what late. */
export async function measurePolls({ node, file, folder, early, polls }: PollsOptions): Promise<PollsReport> {
  const edge = await startEagerEdge();
  const args = ["start", "--json", "--threads", "1", "--edge", edge.url, "--home", join(folder, "home")];
  const runner = startProbed(node, file, args);
  try {
    await edge.answerPolls(early);
    const early_heap_bytes = await runner.heapBytes();
    await edge.answerPolls(polls - early);
    return { polls, early, early_heap_bytes, late_heap_bytes: await runner.heapBytes() };
  } finally {
    runner.process.kill("SIGKILL");
    await edge.close();
  }
}
