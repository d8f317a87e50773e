import { isFinal, shardAt } from "@infernet/protocol/job-progress";
import type { Need } from "@infernet/protocol/match";
import { isReady } from "@infernet/protocol/shard-state";
import { boundClass } from "./job-stream.ts";
import { needOfJob } from "./need-of.ts";
import type { OpenJob } from "./open-job.ts";

/** Shards that a runner of these classes must not take: others could go on with them exactly, and it could not. */
export function listBarred({ stream }: OpenJob, classes: readonly string[] | undefined): ReadonlySet<number> {
  const barred = new Set<number>();
  if (classes === undefined) return barred;
  for (const [shard, completion] of stream?.completions.entries() ?? []) {
    const bound = boundClass(completion);
    if (bound !== null && !classes.includes(bound)) barred.add(shard);
  }
  return barred;
}

/** Shards whose holder is heard of as it works. */
export function listFlowing({ stream }: OpenJob): ReadonlySet<number> {
  const flowing = new Set<number>();
  for (const [shard, { holder }] of stream?.completions.entries() ?? [])
    if (holder !== null) flowing.add(shard);
  return flowing;
}

/** What a runner must be to take what is ready of a job: of a class, where all of that was begun by machines of it. */
export function needOfStream(job: OpenJob): Need {
  const need = needOfJob(job);
  const { stream, progress } = job;
  if (stream === null || isFinal(progress.state)) return need;
  const wanted = new Set(
    stream.completions
      .filter((_, shard) => isReady(shardAt(progress.shards, shard)))
      .map((completion) => boundClass(completion)),
  );
  const [only] = wanted;
  return wanted.size === 1 && typeof only === "string" ? { ...need, execution_class: only } : need;
}
