import type { Roster } from "@infernet/schemas/verification";
import type { DrawSource } from "./draw-rules.ts";
import type { JobProgress } from "./job-progress.ts";

/** The roster of a draw, when the job's log does not have it yet. */
export const listNewRosters = (progress: JobProgress, { roster, digest }: DrawSource): Roster[] =>
  progress.rosters.has(digest) ? [] : [roster];
