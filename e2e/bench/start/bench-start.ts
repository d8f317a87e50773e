import { Cleanup } from "../../network/cleanup.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { median } from "../quantile.ts";
import { renderTable } from "../render-table.ts";
import { runnerBuilds } from "../runner-builds.ts";
import { measureStarts, type StartTimes } from "./measure-starts.ts";

/** From the start of a runner to its first lease, when it has worked on this machine before. */
export async function benchStart({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const report: { runner: string; starts: StartTimes[] }[] = [];
  for (const build of await runnerBuilds({ cleanup })) {
    const own = new Cleanup();
    cleanup.add(() => own.run());
    report.push({ runner: build.title, starts: await measureStarts({ cleanup: own, say }, build) });
  }
  const text = renderTable(
    [
      "runner",
      "starts",
      "registered, ms",
      "first lease, ms",
      "slowest",
      "processor time until then, ms",
      "first shard done, ms",
    ],
    report.map(({ runner, starts }) => {
      const leased = starts.map(({ leased_ms }) => leased_ms);
      return [
        runner,
        ...[
          starts.length,
          median(starts.map(({ registered_ms }) => registered_ms)),
          median(leased),
          Math.max(...leased),
          median(starts.map(({ cpu_ms }) => cpu_ms)),
          median(starts.map(({ done_ms }) => done_ms)),
        ].map(formatNumber),
      ];
    }),
  );
  return { report, text };
}
