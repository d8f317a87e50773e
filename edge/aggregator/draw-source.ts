import { rosterDigest } from "@infernet/protocol/apply-draws";
import type { DrawSource } from "@infernet/protocol/draw-rules";
import { LIMITS } from "@infernet/schemas/limits";
import { epochAt, seedOf } from "../epochs/epochs.ts";
import { readRoster } from "../jobs/read-roster.ts";
import type { AggregatorContext } from "./context.ts";
import { needOfJob } from "./need-of.ts";
import type { OpenJob } from "./open-job.ts";

/** Rosters by what is needed of their runners, with the time after which they are fetched again. */
export type RosterCache = Map<string, Pick<DrawSource, "roster" | "digest"> & { until_ms: number }>;

/** Whether a draw of `now_ms` may be made from it: never from the seed of another epoch. */
export const isCurrent = (ctx: AggregatorContext, { epoch }: DrawSource, now_ms: number): boolean =>
  epochAt(ctx.env, now_ms) === epoch;

/** What a draw of now is made from. */
export async function findDrawSource(ctx: AggregatorContext, job: OpenJob): Promise<DrawSource> {
  const epoch = epochAt(ctx.env, ctx.now());
  const seed = await seedOf(ctx.env, epoch);
  const need = needOfJob(job);
  const key = JSON.stringify(need);
  const known = ctx.rosters.get(key);
  if (known !== undefined && known.until_ms > ctx.now()) return { ...known, epoch, seed };
  const roster = await readRoster(ctx.env, need, seed);
  const digest = rosterDigest(roster);
  for (const [old, { until_ms }] of ctx.rosters) if (until_ms <= ctx.now()) ctx.rosters.delete(old);
  ctx.rosters.set(key, { roster, digest, until_ms: ctx.now() + LIMITS.roster_age_ms_max });
  return { roster, digest, epoch, seed };
}
