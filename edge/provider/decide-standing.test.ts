import { banFor } from "@infernet/protocol/ban-rules";
import { EMPTY_LEDGER } from "@infernet/protocol/ledger-totals";
import { LIMITS } from "@infernet/schemas/limits";
import { expect, test } from "vitest";
import { convictionEvent, newJobId } from "../testing/test-provider.ts";
import { testRegistration } from "../testing/test-registration.ts";
import { decideStanding, isStandingNews } from "./decide-standing.ts";

const NOW = 1_000_000_000;
const standing = (referee: boolean, trusted: boolean, totals = EMPTY_LEDGER, now_ms = NOW) =>
  decideStanding(
    { registration: testRegistration({ referee }), trusted, groups: [], measured: null },
    totals,
    now_ms,
  );

test("work is for everybody but referees, and disputes are for those that are trusted", () => {
  const duties = [standing(false, false), standing(false, true), standing(true, false), standing(true, true)];
  expect(duties.map(({ duty }) => duty)).toEqual(["work", "work", "none", "disputes"]);
});

test("a conviction takes the checks that were passed for good, and the ban holds until it is over", () => {
  const convicted = convictionEvent(newJobId(), NOW);
  const ban = banFor(convicted, 0);
  const totals = { ...EMPTY_LEDGER, audits_passed: 500, marks: [convicted, ban] };
  expect(standing(false, false, { ...EMPTY_LEDGER, audits_passed: 500 }).passed).toBe(500);
  expect(standing(false, false, totals)).toMatchObject({ passed: 0, ban: { reason: "wrong_answer" } });
  expect(standing(false, false, totals, ban.until_ms ?? 0)).toMatchObject({ passed: 0, ban: null });
});

test("a dispatcher is told of every check while a provider is new, and later of a tenth more", () => {
  const passed = (count: number) => ({ ...standing(false, false), passed: count });
  const isNews = (told: number, now: number): boolean => isStandingNews(passed(told), passed(now));
  expect([isNews(3, 3), isNews(3, 4), isNews(19, 20)]).toEqual([false, true, true]);
  expect([isNews(100, 109), isNews(100, 110), isNews(100, 0)]).toEqual([false, true, true]);
});

test("a dispatcher is told of another duty, other groups, and a ban or its end", () => {
  const before = standing(false, false);
  expect(isStandingNews(before, { ...before })).toBe(false);
  expect(isStandingNews(before, { ...before, duty: "none" })).toBe(true);
  expect(isStandingNews(before, { ...before, groups: ["a"] })).toBe(true);
  const convicted = convictionEvent(newJobId(), NOW);
  const totals = { ...EMPTY_LEDGER, marks: [convicted, banFor(convicted, 0)] };
  expect(isStandingNews(before, standing(false, false, totals))).toBe(true);
});

test("a dispatcher is told what was measured, as long as it counts", () => {
  const measured = { at_ms: NOW, passed: true, chains: 8, iterations_per_s: 1, cores: 6 };
  const about = { registration: testRegistration(), trusted: false, groups: [], measured };
  expect(decideStanding(about, EMPTY_LEDGER, NOW).cores).toBe(6);
  expect(decideStanding(about, EMPTY_LEDGER, NOW + LIMITS.challenge_counts_ms).cores).toBeNull();
  expect(isStandingNews(standing(false, false), decideStanding(about, EMPTY_LEDGER, NOW))).toBe(true);
});
