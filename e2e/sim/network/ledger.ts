import {
  banFor,
  banInForce,
  countOffences,
  isMark,
  type Mark,
  recallFor,
} from "@infernet/protocol/ban-rules";
import { addUp, type CommonEvent, type LedgerTotals, replaces } from "@infernet/protocol/ledger-totals";
import { trustedPasses } from "@infernet/protocol/reputation";
import { JobId } from "@infernet/schemas/ids";
import type { ReputationEvent } from "@infernet/schemas/provider";

/** One provider's reputation ledger, as its object keeps it; added up when somebody asks. */
export interface Ledger {
  common: Map<string, CommonEvent>;
  marks: Mark[];
  totals: LedgerTotals | null;
}

export const createLedger = (): Ledger => ({ common: new Map(), marks: [], totals: null });

/** Adds an entry; a conviction brings its ban. Whether it changed anything. */
export function addEvent(ledger: Ledger, event: ReputationEvent): boolean {
  if (isMark(event)) {
    if (ledger.marks.some(({ kind, id }) => kind === event.kind && id === event.id)) return false;
    const before = countOffences(ledger.marks, event.at_ms);
    ledger.marks.push(event);
    if (event.kind === "convicted") ledger.marks.push(banFor(event, before));
  } else {
    const known = ledger.common.get(event.id);
    if (known !== undefined && !replaces(event, known)) return false;
    ledger.common.set(event.id, event);
  }
  ledger.totals = null;
  return true;
}

export function totalsOf(ledger: Ledger, now_ms: number): LedgerTotals {
  ledger.totals ??= addUp(ledger.marks, ledger.common.values(), now_ms);
  return ledger.totals;
}

export const isBanned = ({ marks }: Ledger, now_ms: number): boolean => banInForce(marks, now_ms) !== null;

export const passedIn = (ledger: Ledger, now_ms: number): number => trustedPasses(totalsOf(ledger, now_ms));

/** A job whose result is in question, because its provider was convicted elsewhere while its pay was held. */
export interface Recalled {
  job: JobId;
  convicted_in: JobId;
  /** Whether single rows may be wrong. */
  thorough: boolean;
}

export function listRecalled({ common, marks }: Ledger): Recalled[] {
  return [...common.values()].flatMap((event) => {
    const conviction = event.kind === "work" ? recallFor(marks, event) : null;
    if (conviction === null) return [];
    const { job_id: convicted_in, partial: thorough } = conviction;
    return [{ job: JobId.parse(event.id), convicted_in, thorough }];
  });
}
