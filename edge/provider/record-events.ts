import { appendEvent, findEvent, listCounting } from "@infernet/db/provider/ledger";
import { addRecall, dropRecalls } from "@infernet/db/provider/recalls";
import type { ProviderDb } from "@infernet/db/provider/store";
import { banFor, countOffences, isMark, type Mark, recallFor } from "@infernet/protocol/ban-rules";
import { extendTotals, type LedgerNews, type LedgerTotals, replaces } from "@infernet/protocol/ledger-totals";
import { JobId } from "@infernet/schemas/ids";
import type { ReputationEvent } from "@infernet/schemas/provider";
import { bookEarnings } from "./book-earnings.ts";
import { listCommon } from "./stored-totals.ts";

/**
 * Adds to the ledger what is not in it yet, with what follows from it: work earns, a conviction bans and takes back, and
 * jobs whose results the provider may have spoilt are owed a recall. All of it without waiting, so all of it or nothing is stored.
 *
 * @returns the new totals; null when nothing was news
 */
export function recordEvents(
  db: ProviderDb,
  totals: LedgerTotals,
  events: readonly ReputationEvent[],
  now_ms: number,
): LedgerTotals | null {
  const news: LedgerNews[] = [];
  const add = (event: ReputationEvent): void => {
    const known = findEvent(db, event.kind, event.id);
    if (known !== null && !replaces(event, known)) return;
    appendEvent(db, event);
    news.push({ event, known });
    if (event.kind !== "convicted") return;
    const marks = [...totals.marks, ...marksOf(news)];
    add(banFor(event, countOffences(marks, event.at_ms)));
  };
  for (const event of events) add(event);
  if (news.length === 0) return null;
  const grown = extendTotals(totals, news, () => listCommon(db), now_ms);
  bookEarnings(db, news, grown.marks, now_ms);
  oweRecalls(db, totals.marks, grown.marks, news);
  return grown;
}

function oweRecalls(
  db: ProviderDb,
  before: readonly Mark[],
  marks: readonly Mark[],
  news: readonly LedgerNews[],
): void {
  if (news.some(({ event }) => event.kind === "ban_lifted")) dropRecalls(db);
  if (news.some(({ event }) => event.kind === "convicted")) {
    for (const work of listCounting(db, "work")) if (recallFor(before, work) === null) owe(db, marks, work);
    return;
  }
  for (const { event, known } of news) {
    // What a job says again after its recall has been recalled.
    const wasOwed = known?.kind === "work" && recallFor(before, known) !== null;
    if (event.kind === "work" && !wasOwed) owe(db, marks, event);
  }
}

function owe(db: ProviderDb, marks: readonly Mark[], work: Extract<ReputationEvent, { kind: "work" }>): void {
  const conviction = recallFor(marks, work);
  const job = JobId.safeParse(work.id);
  if (conviction !== null && job.success)
    addRecall(db, { job_id: job.data, convicted_in: conviction.job_id, thorough: conviction.partial });
}

const marksOf = (news: readonly LedgerNews[]): Mark[] => news.map(({ event }) => event).filter(isMark);
