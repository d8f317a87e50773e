import { describe, expect, it } from "vitest";
import { findPeriod, Period } from "./schedule.ts";

const within = (text: string, day: number, hours: number, minutes = 0): boolean =>
  findPeriod([Period.parse(text)], { day, minutes: hours * 60 + minutes }) !== undefined;
const [SUN, MON, FRI, SAT] = [0, 1, 5, 6];

describe("a schedule", () => {
  it("begins with its first minute and ends before its last", () => {
    expect(within("mon-fri 09:00-18:00", MON, 8, 59)).toBe(false);
    expect(within("mon-fri 09:00-18:00", MON, 9)).toBe(true);
    expect(within("mon-fri 09:00-18:00", FRI, 17, 59)).toBe(true);
    expect(within("mon-fri 09:00-18:00", FRI, 18)).toBe(false);
    expect(within("mon-fri 09:00-18:00", SAT, 12)).toBe(false);
  });

  it("reaches over midnight into the day after", () => {
    expect(within("fri 22:00-06:00", FRI, 23)).toBe(true);
    expect(within("fri 22:00-06:00", SAT, 5, 59)).toBe(true);
    expect(within("fri 22:00-06:00", SAT, 6)).toBe(false);
    expect(within("fri 22:00-06:00", SAT, 23)).toBe(false);
    expect(within("22:00-06:00", SUN, 3)).toBe(true);
  });

  it("reaches over the end of the week", () => {
    expect(within("sat-mon 10:00-12:00", SUN, 11)).toBe(true);
    expect(within("sat-mon 10:00-12:00", MON, 11)).toBe(true);
    expect(within("sat-mon 10:00-12:00", FRI, 11)).toBe(false);
  });

  it("is all day from 00:00 to 24:00", () => {
    expect(within("sat 00:00-24:00", SAT, 0)).toBe(true);
    expect(within("sat 00:00-24:00", SAT, 23, 59)).toBe(true);
    expect(within("sat 00:00-24:00", SUN, 0)).toBe(false);
  });

  it.each(["9-18", "mon 09:00", "mon-fri 09:60-10:00", "24:01-25:00", "someday 09:00-10:00", ""])(
    "cannot be read from '%s'",
    (text) => {
      expect(Period.safeParse(text).success).toBe(false);
    },
  );
});
