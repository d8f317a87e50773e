import { join } from "node:path";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { renderTable } from "../render-table.ts";
import { runnerBuilds } from "../runner-builds.ts";
import { measureIdle } from "./measure-idle.ts";
import { measurePolls, type PollsReport } from "./measure-polls.ts";

/** Polls of 25 s in a day; the first look is when all of its code has run. */
const DAY = { early: 346, polls: 3_456 };
const MIB = 1024 ** 2;

/** What a runner costs its owner while there is no work, and whether a day of that leaves something behind. */
export async function benchIdle(context: BenchContext): Promise<BenchResult> {
  const builds = await runnerBuilds(context);
  const idle = await measureIdle(context, builds);
  const { path, remove } = createTempFolder();
  context.cleanup.add(remove);
  const polls: ({ runner: string } & PollsReport)[] = [];
  for (const [n, { title: runner, node, file }] of builds.entries()) {
    context.say(`${DAY.polls} polls of ${runner}`);
    polls.push({ runner, ...(await measurePolls({ node, file, folder: join(path, String(n)), ...DAY })) });
  }
  const waiting = renderTable(
    ["runner", "MiB", "MiB a minute later", "CPU, % of a core", "MiB with an idle model"],
    idle.map((one) => [
      one.runner,
      ...[one.resident_bytes, one.resident_bytes_later].map(mib),
      formatNumber(one.cpu_share * 100),
      mib(one.resident_bytes_with_model),
    ]),
  );
  const day = renderTable(
    ["runner", "polls", "heap early, MiB", "heap late, MiB", "growth, bytes a poll"],
    polls.map((one) => [
      one.runner,
      formatNumber(one.polls),
      ...[one.early_heap_bytes, one.late_heap_bytes].map(mib),
      formatNumber((one.late_heap_bytes - one.early_heap_bytes) / (one.polls - one.early)),
    ]),
  );
  return { report: { idle, polls }, text: `${waiting}\n\n${day}` };
}

const mib = (bytes: number): string => formatNumber(bytes / MIB);
