import { LIMITS } from "@infernet/schemas/limits";
import type { ReputationEvent } from "@infernet/schemas/provider";
import { expect, test } from "vitest";
import { banFor, convictionOver, countOffences, type Mark, projectBan } from "./ban-rules.ts";
import { sampleJob } from "./testing/sample-ids.ts";
import { conviction, HOUR, lift, work } from "./testing/sample-ledger.ts";

const NOW = 1_000 * HOUR;
const DAY = 24 * HOUR;

const operatorBan = (id: string, at_ms: number, until_ms: number | null): Mark => ({
  kind: "banned",
  id,
  at_ms,
  reason: "operator",
  detail: "spam",
  appeal_until_ms: at_ms + LIMITS.appeal_ms,
  until_ms,
});
const appeal = (id: string, at_ms: number): Mark => ({ kind: "appealed", id, at_ms, detail: "not me" });

/** The marks of a provider that is convicted at these times, each time banned as the rules say. */
function history(...times: number[]): Mark[] {
  const marks: Mark[] = [];
  for (const [job, at_ms] of times.entries()) {
    const convicted = conviction(job, at_ms);
    marks.push(convicted, banFor(convicted, countOffences(marks, at_ms)));
  }
  return marks;
}

test("the first offence costs a week, the second a month, and the third is for good", () => {
  const marks = history(NOW, NOW + 8 * DAY, NOW + 100 * DAY);
  const until = marks.flatMap((mark) => (mark.kind === "banned" ? [mark.until_ms] : []));
  expect(until).toEqual([NOW + 7 * DAY, NOW + 38 * DAY, null]);
});

test("convictions in several jobs at once are one offence", () => {
  const at_once = history(NOW, NOW + 1, NOW + HOUR, NOW + 6 * DAY);
  const until = at_once.flatMap((mark) => (mark.kind === "banned" ? [mark.until_ms] : []));
  expect(until).toEqual([NOW, NOW + 1, NOW + HOUR, NOW + 6 * DAY].map((from) => from + 7 * DAY));
  expect(countOffences(at_once, NOW + 14 * DAY)).toBe(1);
});

test("a ban ends by itself, and of several the longest holds", () => {
  const marks = [...history(NOW), operatorBan("operator_1", NOW - DAY, NOW + 20 * DAY)];
  expect(projectBan(marks, NOW + DAY)).toMatchObject({ reason: "operator", detail: "spam" });
  expect(projectBan(marks, NOW + 20 * DAY - 1)).not.toBeNull();
  expect(projectBan(marks, NOW + 20 * DAY)).toBeNull();
  expect(projectBan([...marks, operatorBan("operator_2", NOW, null)], NOW + 900 * DAY)?.until).toBeNull();
});

test("the order of entries does not matter to a ban", () => {
  const marks = [
    ...history(NOW, NOW + 1),
    operatorBan("operator_1", NOW, null),
    appeal("operator_1", NOW + HOUR),
  ];
  expect(projectBan(marks.toReversed(), NOW + HOUR)).toEqual(projectBan(marks, NOW + HOUR));
});

test("a ban tells by when it may be appealed, and whether it was", () => {
  const marks = history(NOW);
  expect(projectBan(marks, NOW)).toMatchObject({
    reason: "wrong_answer",
    appeal_until: new Date(NOW + LIMITS.appeal_ms).toISOString(),
    appealed: false,
  });
  expect(projectBan([...marks, appeal(sampleJob(0), NOW)], NOW)?.appealed).toBe(true);
  expect(projectBan([...marks, appeal("another", NOW)], NOW)?.appealed).toBe(false);
});

test("a ban says what for: a wrong answer, a wrong check, or two answers to one lease", () => {
  const banOf = (as: Parameters<typeof conviction>[2]) => banFor(conviction(1, NOW, as), 0);
  expect(banOf("answer")).toMatchObject({
    reason: "wrong_answer",
    detail: expect.stringMatching(/^an answer for shard 0 of job_.* was wrong/),
  });
  expect(banOf("check")).toMatchObject({
    reason: "wrong_check",
    detail: expect.stringMatching(/^a check for shard 0 of job_.* was wrong/),
  });
  expect(banOf("contradiction")).toMatchObject({
    reason: "contradiction",
    detail: expect.stringMatching(/^two answers for shard 0 of job_.* were signed under one lease/),
  });
});

test("a lifted ban is no ban, and its offence does not make the next one worse", () => {
  const marks = history(NOW);
  const lifted = [...marks, lift({ id: sampleJob(0) }, NOW + HOUR)];
  expect(projectBan(lifted, NOW + HOUR)).toBeNull();
  expect(countOffences(lifted, NOW + 100 * DAY)).toBe(0);
  expect(countOffences(marks, NOW + 100 * DAY)).toBe(1);
});

test("a conviction covers work that was still held then and what ended during the ban", () => {
  const marks = history(NOW);
  const covered = (at_ms: number): boolean => convictionOver(marks, work(77, at_ms)) !== null;
  expect([NOW - 26 * HOUR, NOW - 23 * HOUR, NOW, NOW + 6 * DAY, NOW + 8 * DAY].map(covered)).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
});

test("of two convictions the first one covers the work", () => {
  const marks: ReputationEvent[] = history(NOW + HOUR, NOW);
  expect(convictionOver(marks as Mark[], work(77, NOW - HOUR))?.id).toBe(sampleJob(1));
});
