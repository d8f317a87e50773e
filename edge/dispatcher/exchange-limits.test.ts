import { sampleJob, sampleRunner } from "@infernet/protocol/testing/sample-ids";
import { LIMITS } from "@infernet/schemas/limits";
import { Roster } from "@infernet/schemas/verification";
import { expect, test } from "vitest";
import { CAPABILITY, STANDING, TestExchange } from "../testing/test-exchange.ts";

test("a full dispatcher takes no new runners, goes on with its own, and has room when some are gone", () => {
  const net = new TestExchange();
  const full = LIMITS.runners_per_dispatcher_max;
  net.introduce(full);
  expect(() => net.introduce(1, full)).toThrow(`this dispatcher holds ${full} runners, which is its limit`);
  net.introduce(1);
  net.now_ms += LIMITS.runner_unseen_ms_max + 1;
  net.introduce(1, full);
  expect(net.exchange.stats().runners_seen).toBe(1);
}, 30_000);

test("too many offers push out the oldest", () => {
  const net = new TestExchange();
  for (let job = 0; job <= LIMITS.offers_per_dispatcher_max; job += 1) net.offer(job, 1);
  expect(net.exchange.stats().offers).toBe(LIMITS.offers_per_dispatcher_max);
  const { jobs } = net.exchange.demand(sampleRunner(0));
  expect(jobs).toHaveLength(LIMITS.demand_jobs_max);
  expect(jobs.at(-1)?.job_id).toBe(sampleJob(LIMITS.offers_per_dispatcher_max));
});

test("of more runners than a roster holds a random part is drawn from, and every referee", () => {
  const net = new TestExchange();
  net.introduce(LIMITS.roster_runners_max + 10);
  const referee = sampleRunner(LIMITS.roster_runners_max + 20);
  net.exchange.introduce(referee, CAPABILITY, { ...STANDING, duty: "disputes" });
  const roster = net.exchange.roster({ engine: "onnx", format: "onnx", memory_bytes: 1 });
  expect(Roster.parse({ runners: roster }).runners).toHaveLength(LIMITS.roster_runners_max);
  expect(roster.filter((entry) => entry.referee).map(({ id }) => id)).toEqual([referee]);
  expect(new Set(roster.map(({ id }) => id)).size).toBe(LIMITS.roster_runners_max);
});
