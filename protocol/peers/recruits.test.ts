import { LIMITS } from "@infernet/schemas/limits";
import { expect, test } from "vitest";
import { sampleRunner } from "../testing/sample-ids.ts";
import { Recruits } from "./recruits.ts";

const [ann, bob, cleo] = [sampleRunner(1), sampleRunner(2), sampleRunner(3)];
const nobody = () => false;
const MIN = LIMITS.recruit_again_ms_min;

test("those that the operator has named are invited first, and no more than there are places", () => {
  const recruits = new Recruits();
  recruits.note(ann, []);
  recruits.note(bob, ["/ip4/127.0.0.1/tcp/1"], true);
  expect(recruits.due(1, nobody, 0)).toEqual([bob]);
  expect(recruits.due(9, nobody, 0)).toEqual([bob, ann]);
  expect(recruits.due(-1, nobody, 0)).toEqual([]);
  recruits.note(bob, []);
  expect(recruits.addressesOf(bob)).toEqual(["/ip4/127.0.0.1/tcp/1"]);
});

test("who works is not invited; who went away is soon", () => {
  const recruits = new Recruits();
  recruits.note(ann, []);
  recruits.answered(ann, true, 0);
  expect(recruits.due(9, (runner) => runner === ann, MIN)).toEqual([]);
  expect(recruits.due(9, nobody, MIN - 1)).toEqual([]);
  expect(recruits.due(9, nobody, MIN)).toEqual([ann]);
});

test("who declines is asked more and more rarely", () => {
  const recruits = new Recruits();
  recruits.note(ann, []);
  let now_ms = 0;
  for (let tries = 1; tries <= 20; tries++) {
    recruits.answered(ann, false, now_ms);
    const pause_ms = Math.min(LIMITS.recruit_again_ms_max, MIN * 2 ** tries);
    expect(recruits.due(9, nobody, now_ms + pause_ms - 1)).toEqual([]);
    now_ms += pause_ms;
    expect(recruits.due(9, nobody, now_ms)).toEqual([ann]);
  }
});

test("so many are kept in mind: whoever came to nothing most often goes for another, and nobody that was named", () => {
  const recruits = new Recruits();
  recruits.note(bob, [], true);
  for (let n = 4; n < 3 + LIMITS.recruits_known_max; n++) recruits.note(sampleRunner(n), []);
  recruits.note(ann, []);
  expect(recruits.due(1e6, nobody, 0)).not.toContain(ann);
  recruits.answered(bob, false, 0);
  recruits.answered(sampleRunner(4), false, 0);
  recruits.note(cleo, []);
  expect(recruits.due(1e6, nobody, 1e12)).toEqual(expect.arrayContaining([bob, cleo]));
  expect(recruits.due(1e6, nobody, 1e12)).not.toContain(sampleRunner(4));
});
