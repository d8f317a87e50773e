import { sampleJob } from "@infernet/protocol/testing/sample-ids";
import { ann, bob } from "@infernet/protocol/testing/sample-runners";
import type { Ban } from "@infernet/schemas/provider";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CAPABILITY, STANDING, TestExchange } from "../testing/test-exchange.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Lets everything run that waits for nothing but its turn. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

const NEED = { engine: "onnx", format: "onnx", memory_bytes: 1 } as const;
const BAN: Ban = {
  reason: "operator",
  detail: "",
  since: "2026-01-01T00:00:00.000Z",
  until: null,
  appeal_until: "2026-01-04T00:00:00.000Z",
  appealed: false,
};

test("a check wakes the runner that it was drawn for, though the job has nothing else", async () => {
  const net = new TestExchange(() => [1, 0]);
  net.introduce(2);
  const [other, drawn] = [net.poll(ann), net.poll(bob)];
  net.offer(1, 0, { assigned: [bob] });
  expect(await drawn).toHaveLength(1);
  expect(net.questions.map(({ runner }) => runner)).toEqual([bob]);
  expect(net.exchange.stats()).toEqual({ runners_seen: 2, parked: 1, offers: 0 });
  void other;
});

test("a runner that comes later finds its check before everything else", async () => {
  const net = new TestExchange(() => [1, 5]);
  net.introduce(1);
  net.offer(1, 5, { client: 1 });
  net.offer(2, 0, { client: 2, assigned: [ann] });
  for (let turn = 0; turn < 3; turn += 1) await net.poll(ann);
  expect(net.asked()[0]).toBe(2);
});

test("a check counts as a turn of its client, so the others come next", async () => {
  const net = new TestExchange(() => [1, 5]);
  net.introduce(1);
  net.offer(1, 5, { client: 1 });
  net.offer(2, 5, { client: 2, assigned: [ann] });
  for (let turn = 0; turn < 4; turn += 1) await net.poll(ann);
  expect(net.asked()).toEqual([2, 1, 2, 1]);
});

test("a runner that declined a job is asked again for a check of it", async () => {
  const net = new TestExchange(({ runner }) => (runner === ann ? [0, 3] : [1, 3]));
  net.introduce(1);
  void net.poll(ann);
  net.offer(1, 3);
  await settle();
  net.offer(1, 0, { assigned: [ann] });
  await settle();
  expect(net.asked()).toEqual([1, 1]);
});

test("a check that is gone is asked for once", async () => {
  const net = new TestExchange(() => [0, 0]);
  net.introduce(1);
  void net.poll(ann);
  net.offer(1, 0, { assigned: [ann] });
  await settle();
  expect(net.asked()).toEqual([1]);
  expect(net.exchange.stats()).toMatchObject({ offers: 0, parked: 1 });
});

test("a runner that got as many checks as it took asks for the rest", async () => {
  const net = new TestExchange();
  net.introduce(1);
  net.offer(1, 0, { assigned: [ann] });
  const first = net.poll(ann, 0, 2);
  net.questions[0]?.answer(2, 0);
  expect(await first).toHaveLength(2);
  const second = net.poll(ann, 0, 2);
  net.questions[1]?.answer(1, 0);
  expect(await second).toHaveLength(1);
  expect(net.exchange.stats().offers).toBe(0);
});

test("an offer stays while a check in it waits for its runner", async () => {
  const net = new TestExchange(() => [1, 0]);
  net.introduce(2);
  net.offer(1, 1, { assigned: [bob] });
  await net.poll(ann);
  expect(net.exchange.stats().offers).toBe(1);
  expect(await net.poll(bob)).toHaveLength(1);
  expect(net.exchange.stats().offers).toBe(0);
});

test("a runner that is not here is no reason to keep an offer", () => {
  const net = new TestExchange();
  net.offer(1, 0, { assigned: [ann] });
  net.introduce(1);
  void net.poll(ann);
  expect(net.questions).toEqual([]);
});

test("a referee is asked only for what it was drawn for, and says that it is one", async () => {
  const net = new TestExchange(() => [1, 4]);
  net.exchange.introduce(ann, CAPABILITY, { ...STANDING, duty: "disputes", passed: 7 });
  const leases = net.poll(ann);
  net.offer(1, 5);
  await settle();
  expect(net.questions).toEqual([]);
  net.offer(2, 5, { assigned: [ann] });
  expect(await leases).toHaveLength(1);
  expect(net.questions).toMatchObject([{ job_id: sampleJob(2), referee: true, passed: 7, runners: 0 }]);
});

test("neither a referee nor a runner without a duty counts as one that could do the work", () => {
  const net = new TestExchange();
  net.introduce(1);
  net.exchange.introduce(bob, CAPABILITY, { ...STANDING, duty: "disputes" });
  net.exchange.introduce(ann, CAPABILITY, { ...STANDING, duty: "none" });
  expect(net.exchange.fleet(NEED)).toEqual({ runners_capable: 0, mismatches: [] });
  expect(net.exchange.roster(NEED)).toEqual([{ id: bob, weight: 1, groups: [], passed: 0, referee: true }]);
});

test("the roster says what a draw needs to know of each runner that could do the work", () => {
  const net = new TestExchange();
  net.exchange.introduce(
    ann,
    { ...CAPABILITY, cpu_cores: 8 },
    { ...STANDING, passed: 12, groups: ["a", "b"], cores: 8 },
  );
  net.exchange.introduce(bob, { ...CAPABILITY, memory_bytes: 1 }, STANDING);
  expect(net.exchange.roster({ ...NEED, memory_bytes: 2 })).toEqual([
    { id: ann, weight: 4, groups: ["a", "b"], passed: 12, referee: false },
  ]);
});

test("a runner that is trusted while it waits is woken for the work it may do now", async () => {
  const net = new TestExchange(() => [1, 0]);
  net.exchange.introduce(ann, CAPABILITY, { ...STANDING, duty: "none" });
  const leases = net.poll(ann);
  net.offer(1, 0, { assigned: [ann] });
  await settle();
  expect(net.questions).toEqual([]);
  net.exchange.restand(ann, { ...STANDING, duty: "disputes" });
  expect(await leases).toHaveLength(1);
});

test("a standing is carried to the next question and the next roster", async () => {
  const net = new TestExchange(() => [1, 5]);
  net.introduce(1);
  net.offer(1, 5);
  await net.poll(ann);
  net.exchange.restand(ann, { ...STANDING, passed: 3 });
  await net.poll(ann);
  expect(net.questions.map(({ passed }) => passed)).toEqual([0, 3]);
  expect(net.exchange.roster(NEED)[0]?.passed).toBe(3);
});

test("a banned runner is forgotten and its parked poll ends, and it is not taken in again", async () => {
  const net = new TestExchange();
  net.introduce(1);
  const leases = net.poll(ann);
  net.exchange.restand(ann, { ...STANDING, ban: BAN });
  expect(await leases).toEqual([]);
  expect(await net.poll(ann)).toBeNull();
  net.exchange.introduce(ann, CAPABILITY, { ...STANDING, ban: BAN });
  expect(net.exchange.stats().runners_seen).toBe(0);
  expect(net.exchange.roster(NEED)).toEqual([]);
});

test("a runner that is banned while a job is asked gets no other job", async () => {
  const net = new TestExchange();
  net.introduce(1);
  net.offer(1, 1);
  net.offer(2, 1);
  const leases = net.poll(ann);
  net.exchange.restand(ann, { ...STANDING, ban: BAN });
  net.questions[0]?.answer(0, 1);
  expect(await leases).toEqual([]);
  expect(net.questions).toHaveLength(1);
});

test("a standing makes no runner known", () => {
  const net = new TestExchange();
  net.exchange.restand(ann, STANDING);
  expect(net.exchange.stats().runners_seen).toBe(0);
});
