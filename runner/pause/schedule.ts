import { z } from "zod";

const DAYS: readonly string[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY = `(${DAYS.join("|")})`;
const PERIOD = new RegExp(`^(?:${DAY}(?:-${DAY})?\\s+)?(\\d{1,2}):(\\d{2})-(\\d{1,2}):(\\d{2})$`);
const MINUTES_PER_DAY = 24 * 60;

/** A time that comes again every week, or every day. */
export interface Period {
  /** As it was written. */
  text: string;
  /** Days that it begins on; 0 is Sunday. */
  days: readonly number[];
  /** Minutes since midnight. An end at or before the start lies on the day after. */
  start: number;
  end: number;
}

/** Text as in `mon-fri 09:00-18:00`, `sat 10:00-12:00` or, for every day, `22:00-06:00`. */
export const Period = z
  .string({ error: 'must be a list of times, as in ["mon-fri 09:00-18:00"]' })
  .transform((text, ctx) => {
    const period = parsePeriod(text);
    if (period !== null) return period;
    ctx.addIssue({
      code: "custom",
      message: `'${text}' is not a time as in "mon-fri 09:00-18:00" or "22:00-06:00"`,
    });
    return z.NEVER;
  });

function parsePeriod(text: string): Period | null {
  const found = PERIOD.exec(text.trim().toLowerCase());
  if (found === null) return null;
  const [, first, last = first] = found;
  const start = minutesOf(found[3], found[4]);
  const end = minutesOf(found[5], found[6]);
  if (start === null || end === null) return null;
  return { text, days: daysBetween(first, last), start, end };
}

function minutesOf(hours = "", minutes = ""): number | null {
  const all = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && all <= MINUTES_PER_DAY ? all : null;
}

function daysBetween(first: string | undefined, last: string | undefined): number[] {
  if (first === undefined || last === undefined) return [0, 1, 2, 3, 4, 5, 6];
  const from = DAYS.indexOf(first);
  const count = ((DAYS.indexOf(last) - from + 7) % 7) + 1;
  return Array.from({ length: count }, (_, i) => (from + i) % 7);
}

/** A moment on the owner's clock. */
export interface LocalTime {
  /** 0 is Sunday. */
  day: number;
  /** Since midnight. */
  minutes: number;
}

/** The first of the periods that it is now; its end does not belong to it. */
export const findPeriod = (periods: readonly Period[], now: LocalTime): Period | undefined =>
  periods.find(({ days, start, end }) => {
    const isOvernight = end <= start;
    if (days.includes(now.day) && now.minutes >= start && (isOvernight || now.minutes < end)) return true;
    return isOvernight && days.includes((now.day + 6) % 7) && now.minutes < end;
  });
