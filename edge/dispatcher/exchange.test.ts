import { sampleAccount, sampleJob, sampleRunner } from "@infernet/protocol/testing/sample-ids";
import { ann, bob } from "@infernet/protocol/testing/sample-runners";
import { LIMITS } from "@infernet/schemas/limits";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CAPABILITY, MODEL, STANDING, TestExchange } from "../testing/test-exchange.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Lets everything run that waits for nothing but its turn. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

test("a poll gets several leases at once from work that is there", async () => {
  const net = new TestExchange(() => [5, 0]);
  net.introduce(1);
  net.offer(1, 5);
  expect(await net.poll(ann)).toHaveLength(5);
  expect(net.questions).toMatchObject([{ job_id: sampleJob(1), runner: ann, leases_max: 16, runners: 1 }]);
});

test("a runner that is not known gets null, so that it introduces itself", async () => {
  expect(await new TestExchange().poll(ann)).toBeNull();
});

test("a runner that has not polled for two minutes is forgotten", async () => {
  const net = new TestExchange();
  net.introduce(1);
  net.now_ms += LIMITS.runner_unseen_ms_max;
  expect(net.exchange.stats().runners_seen).toBe(1);
  net.now_ms += 1;
  expect(net.exchange.stats().runners_seen).toBe(0);
  expect(await net.poll(ann)).toBeNull();
});

test("a parked runner is woken by an offer at once, without any time passing", async () => {
  const net = new TestExchange(() => [1, 0]);
  net.introduce(1);
  const leases = net.poll(ann);
  expect(net.exchange.stats().parked).toBe(1);
  net.offer(1, 1);
  expect(await leases).toHaveLength(1);
  expect(net.exchange.stats()).toEqual({ runners_seen: 1, parked: 0, offers: 0 });
});

test("a wait ends with nothing when its time is over, and leaves no timer behind", async () => {
  const net = new TestExchange();
  net.introduce(1);
  const leases = net.poll(ann, 1_000);
  await vi.advanceTimersByTimeAsync(999);
  expect(net.exchange.stats().parked).toBe(1);
  net.now_ms += 1_000;
  await vi.advanceTimersByTimeAsync(1);
  expect(await leases).toEqual([]);
  expect(net.exchange.stats().parked).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("a poll that does not wait comes back at once", async () => {
  const net = new TestExchange();
  net.introduce(1);
  expect(await net.poll(ann, 0)).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a runner that is served leaves no timer behind", async () => {
  const net = new TestExchange(() => [1, 0]);
  net.introduce(1);
  const leases = net.poll(ann);
  net.offer(1, 1);
  await leases;
  expect(vi.getTimerCount()).toBe(0);
});

test("a new poll takes the place of the one before, which ends with nothing", async () => {
  const net = new TestExchange(() => [1, 0]);
  net.introduce(1);
  const first = net.poll(ann);
  const second = net.poll(ann);
  expect(await first).toEqual([]);
  expect(net.exchange.stats().parked).toBe(1);
  expect(vi.getTimerCount()).toBe(1);
  net.offer(1, 1);
  expect(await second).toHaveLength(1);
});

test("a runner that cannot take a job is not asked for it", async () => {
  const net = new TestExchange(() => [1, 0]);
  net.introduce(1);
  const leases = net.poll(ann);
  net.offer(1, 1, { need: { engine: "onnx", format: "onnx", memory_bytes: 4_001 } });
  await settle();
  expect(net.questions).toEqual([]);
  net.offer(2, 1);
  await leases;
  expect(net.asked()).toEqual([2]);
});

test("a runner that got nothing is not asked again until the job offers anew", async () => {
  const net = new TestExchange(() => [0, 3]);
  net.introduce(1);
  void net.poll(ann);
  net.offer(1, 3);
  await settle();
  expect(net.asked()).toEqual([1]);
  net.offer(1, 3);
  await settle();
  expect(net.asked()).toEqual([1, 1]);
});

test("what is left after a grant wakes the next runners", async () => {
  const net = new TestExchange();
  net.introduce(2);
  const [first, second] = [net.poll(ann), net.poll(bob)];
  net.offer(1, 1);
  await settle();
  expect(net.questions).toMatchObject([{ runner: ann }]);
  net.questions[0]?.answer(1, 4);
  expect(await first).toHaveLength(1);
  await settle();
  expect(net.questions).toMatchObject([{ runner: ann }, { runner: bob }]);
  net.questions[1]?.answer(2, 0);
  expect(await second).toHaveLength(2);
});

test("what one runner may not have goes to the next", async () => {
  const net = new TestExchange(({ runner }) => (runner === ann ? [0, 1] : [1, 0]));
  net.introduce(2);
  void net.poll(ann);
  const second = net.poll(bob);
  net.offer(1, 1);
  expect(await second).toHaveLength(1);
  expect(net.exchange.stats().parked).toBe(1);
});

test("an offer without leases left is dropped, once nobody's question is out", async () => {
  const net = new TestExchange();
  net.introduce(2);
  net.offer(1, 8);
  void net.poll(ann);
  void net.poll(bob);
  net.questions[0]?.answer(1, 0);
  await settle();
  expect(net.exchange.stats().offers).toBe(1);
  net.questions[1]?.answer(1, 0);
  await settle();
  expect(net.exchange.stats().offers).toBe(0);
});

test("a withdrawn job is asked no more, and an answer that comes after it brings nothing back", async () => {
  const net = new TestExchange();
  net.introduce(2);
  net.offer(1, 8);
  const leases = net.poll(ann);
  net.exchange.withdraw(sampleJob(1));
  net.questions[0]?.answer(1, 7);
  expect(await leases).toHaveLength(1);
  void net.poll(bob);
  await settle();
  expect(net.questions).toHaveLength(1);
  expect(net.exchange.stats()).toMatchObject({ offers: 0, parked: 1 });
});

test("an offer that comes while a question is out is not lost", async () => {
  const net = new TestExchange();
  net.introduce(2);
  net.offer(1, 1);
  void net.poll(ann);
  net.offer(1, 1);
  net.questions[0]?.answer(1, 0);
  await settle();
  void net.poll(bob);
  expect(net.questions).toMatchObject([{ runner: ann }, { runner: bob }]);
});

test("a runner that got nothing asks again when the job offered anew meanwhile", async () => {
  const net = new TestExchange();
  net.introduce(1);
  net.offer(1, 1);
  const leases = net.poll(ann);
  net.offer(1, 1);
  net.questions[0]?.answer(0, 0);
  await settle();
  net.questions[1]?.answer(1, 0);
  expect(await leases).toHaveLength(1);
});

test("a job that cannot be asked loses its offer, and its runner waits on for others", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const net = new TestExchange();
  net.introduce(1);
  net.offer(1, 1);
  const leases = net.poll(ann);
  net.questions[0]?.refuse(new Error("gone"));
  await settle();
  expect(net.exchange.stats()).toMatchObject({ offers: 0, parked: 1 });
  expect(log).toHaveBeenCalledOnce();
  net.offer(2, 1);
  await settle();
  net.questions[1]?.answer(1, 0);
  expect(await leases).toHaveLength(1);
  log.mockRestore();
});

test("a runner called for one job that serves another leaves the first to somebody else", async () => {
  const net = new TestExchange();
  const onlyAnn = { engine: "onnx", format: "onnx", memory_bytes: 4_000 } as const;
  net.exchange.introduce(ann, CAPABILITY, STANDING);
  net.exchange.introduce(bob, { ...CAPABILITY, memory_bytes: 2_000 }, STANDING);
  // Client 1 was served before, so client 2 comes first.
  net.offer(9, 1, { client: 1, need: onlyAnn });
  void net.poll(ann);
  net.offer(8, 0, { client: 2 });
  net.questions[0]?.answer(1, 0);
  await settle();
  void net.poll(ann);
  void net.poll(bob);
  net.offer(1, 1, { client: 1 });
  net.offer(2, 1, { client: 2, need: onlyAnn });
  await settle();
  expect(net.questions.slice(1).map(({ runner, job_id }) => [runner, job_id])).toEqual([
    [ann, sampleJob(2)],
    [bob, sampleJob(1)],
  ]);
});

test("one offer wakes only as many of a thousand parked runners as it has leases", async () => {
  const net = new TestExchange();
  for (const runner of net.introduce(1_000)) void net.poll(runner);
  net.offer(1, 3);
  await settle();
  expect(net.questions.map(({ runner }) => runner)).toEqual([0, 1, 2].map(sampleRunner));
  expect(net.questions[0]?.runners).toBe(1_000);
  expect(net.exchange.stats().parked).toBe(997);
});

test("the fleet tells how many runners could take a job, and why the others cannot", () => {
  const net = new TestExchange();
  net.introduce(3);
  net.exchange.introduce(sampleRunner(3), { ...CAPABILITY, memory_bytes: 1_024 }, STANDING);
  expect(net.exchange.fleet({ engine: "onnx", format: "onnx", memory_bytes: 2_048 })).toEqual({
    runners_capable: 3,
    mismatches: [{ reason: "The job needs 2 KiB of memory; this machine offers 1 KiB.", runners: 1 }],
  });
});

test("an offer answers with the number of runners that could take it", () => {
  const net = new TestExchange();
  net.introduce(2);
  const need = { engine: "onnx", format: "onnx", memory_bytes: 1 } as const;
  const offer = {
    model: MODEL,
    job_id: sampleJob(1),
    account_id: sampleAccount(1),
    need,
    ready: 1,
    assigned: [],
  };
  expect(net.exchange.offer(offer)).toEqual({ runners_capable: 2 });
});

test("a runner that asks for more than a job pays is neither woken for it nor counted, and no check is drawn for it", async () => {
  const net = new TestExchange(() => [1, 0]);
  const dear = { ...CAPABILITY, asking_micro_per_core_hour: "50001" };
  net.exchange.introduce(ann, dear, STANDING);
  net.exchange.introduce(bob, { ...dear, asking_micro_per_core_hour: "50000" }, STANDING);
  const need = { engine: "onnx", format: "onnx", memory_bytes: 1_000, micro_per_core_hour: "50000" } as const;
  const [forAnn, forBob] = [net.poll(ann), net.poll(bob)];
  net.offer(1, 2, { need });
  expect(await forBob).toHaveLength(1);
  expect(net.exchange.stats().parked).toBe(1);
  expect(net.exchange.fleet(need)).toEqual({
    runners_capable: 1,
    mismatches: [
      {
        reason:
          "The job pays 50000 micro-units for an hour of a core; this machine asks for more than the job pays.",
        runners: 1,
      },
    ],
  });
  expect(net.exchange.roster(need).map(({ id }) => id)).toEqual([bob]);
  net.offer(2, 1, { need: { ...need, micro_per_core_hour: "50001" } });
  expect(await forAnn).toHaveLength(1);
});
