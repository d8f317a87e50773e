import { sampleJob } from "@infernet/protocol/testing/sample-ids";
import { ann } from "@infernet/protocol/testing/sample-runners";
import { expect, test } from "vitest";
import { TestExchange } from "../testing/test-exchange.ts";

/** Serves one runner so many times, and tells which jobs it worked on. */
async function serve(net: TestExchange, turns: number): Promise<number[]> {
  for (let turn = 0; turn < turns; turn += 1) await net.poll(ann);
  return net.asked();
}

test("a client with one job gets every other turn beside a client with a thousand", async () => {
  const net = new TestExchange(() => [1, 5]);
  net.introduce(1);
  for (let job = 1; job <= 1_000; job += 1) net.offer(job, 5, { client: 1 });
  net.offer(2_000, 5, { client: 2 });
  const jobs = await serve(net, 10);
  expect(jobs.filter((job) => job === 2_000)).toHaveLength(5);
  expect(new Set(jobs).size).toBe(6);
});

test("a client's jobs take turns", async () => {
  const net = new TestExchange(() => [1, 5]);
  net.introduce(1);
  for (const job of [1, 2, 3]) net.offer(job, 5);
  expect(await serve(net, 6)).toEqual([1, 2, 3, 1, 2, 3]);
});

test("a client's new jobs never keep its older ones from their turn", async () => {
  const net = new TestExchange(() => [1, 5]);
  net.introduce(1);
  net.offer(1, 5);
  net.offer(2, 5);
  for (let turn = 0; turn < 20; turn += 1) {
    await net.poll(ann);
    net.offer(100 + turn, 5);
    net.exchange.withdraw(sampleJob(99 + turn));
  }
  expect(net.asked().filter((job) => job === 1).length).toBeGreaterThan(5);
  expect(net.asked().filter((job) => job === 2).length).toBeGreaterThan(5);
});

test("offering again does not move a job forward", async () => {
  const net = new TestExchange(() => [1, 5]);
  net.introduce(1);
  net.offer(1, 5);
  net.offer(2, 5);
  await net.poll(ann);
  net.offer(1, 5);
  expect(await serve(net, 2)).toEqual([1, 2, 1]);
});
