import type { Sha256 } from "@infernet/schemas/digest";
import { seedPublishedFrom } from "@infernet/schemas/epoch";
import type { LogEntry } from "@infernet/schemas/receipt";
import type { Draw, Roster } from "@infernet/schemas/verification";
import { rosterDigest } from "../apply-draws.ts";
import { type DrawSubject, drawValue } from "../draw.ts";
import type { DrawSource } from "../draw-rules.ts";
import type { JobProgress } from "../job-progress.ts";
import type { CheckContext } from "./check-context.ts";

/** Stands for the value of a draw that was not told. */
const UNTOLD = "0".repeat(64) as Sha256;

/**
 * The source that a fact's draws were made from, as far as the receipt tells it: asked for a value it gives the one that
 * was told, and checks it against the seed where that is known. Null when there are no draws, or none from one source.
 */
export function toldSource(
  context: CheckContext,
  before: JobProgress,
  { fact, at_ms }: LogEntry,
): DrawSource | null {
  if (fact.kind !== "committed" && fact.kind !== "drawn") return null;
  const { draws, rosters } = fact;
  checkRosters(context, before, rosters, draws);
  const [first] = draws;
  if (first === undefined) return null;
  const roster =
    before.rosters.get(first.roster) ?? rosters.find((one) => rosterDigest(one) === first.roster);
  const isOne = draws.every(({ roster, epoch }) => roster === first.roster && epoch === first.epoch);
  if (roster === undefined || !isOne) {
    context.findings.add(
      "roster_wrong",
      `the draws of fact at ${at_ms} name rosters or epochs that it does not have`,
    );
    return null;
  }
  checkEpoch(context, first, at_ms);
  const seed = (subject: DrawSubject): Sha256 => {
    const told = draws.find((draw) => isAbout(draw, subject));
    if (told !== undefined) checkValue(context, told, subject);
    return told?.value ?? UNTOLD;
  };
  return { roster, digest: first.roster, epoch: first.epoch, seed };
}

const isAbout = (draw: Draw, subject: DrawSubject): boolean =>
  draw.shard === subject.shard &&
  draw.round === subject.round &&
  draw.purpose === subject.purpose &&
  draw.of === subject.of;

export const nameDraw = ({ shard, round, purpose }: Pick<Draw, "shard" | "round" | "purpose">): string =>
  `shard ${shard}, draw ${round} (${purpose})`;

function checkValue({ seeds, findings }: CheckContext, draw: Draw, subject: DrawSubject): void {
  const seed = seeds.get(draw.epoch);
  if (seed === undefined) return;
  const fits = drawValue(seed, subject) === draw.value;
  findings.add(fits ? "seeds_fit" : "draw_value_wrong", fits ? null : nameDraw(draw));
}

/** A draw made before its epoch, or when the seed was public, could have been chosen. */
function checkEpoch({ epochs, findings }: CheckContext, draw: Draw, at_ms: number): void {
  const epoch = epochs.get(draw.epoch);
  const isWithin = epoch !== undefined && epoch.starts_ms <= at_ms && at_ms < seedPublishedFrom(epoch);
  if (!isWithin) findings.add("draw_epoch_wrong", `${nameDraw(draw)}: epoch ${draw.epoch}, made at ${at_ms}`);
}

/**
 * Rosters come once, with the first draw that uses them or without any, and in the order of ids: the order decides who is
 * drawn.
 */
function checkRosters(
  { findings }: CheckContext,
  before: JobProgress,
  rosters: readonly Roster[],
  draws: readonly Draw[],
): void {
  for (const roster of rosters) {
    const digest = rosterDigest(roster);
    const isOrdered = roster.runners.every(({ id }, n) => n === 0 || (roster.runners[n - 1]?.id ?? "") < id);
    const isNew = !before.rosters.has(digest);
    const isUsed = draws.length === 0 || draws.some((draw) => draw.roster === digest);
    // Nobody else could have opened the rows of a sealed job.
    const isGranted = before.keys === null || roster.runners.every(({ id }) => before.keys?.has(id));
    if (isOrdered && isNew && isUsed && isGranted) findings.add("rosters_told");
    else findings.add("roster_wrong", digest);
  }
}
