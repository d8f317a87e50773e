import { Job } from "@infernet/schemas/job";
import { Problem } from "@infernet/schemas/problem";
import { beforeAll, expect, test } from "vitest";
import { until } from "../network/until.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const live = useEdge();
beforeAll(() => uploadTinyModel(live.client));

const post = (key: string, rows: number) =>
  live.client.send("POST", "/jobs", tinyJob(rows), { "Idempotency-Key": key });

test("a request repeated with its Idempotency-Key gets the first answer, marked as a replay", async () => {
  const first = await post("a", 2);
  const again = await post("a", 2);
  expect([first.status, again.status]).toEqual([202, 202]);
  expect(Job.parse(again.body).id).toBe(Job.parse(first.body).id);
  expect(first.headers.get("Idempotency-Replayed")).toBeNull();
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
});

test("another payload under a used Idempotency-Key is 422", async () => {
  await post("b", 2);
  const { status, body } = await post("b", 3);
  expect({ status, code: Problem.parse(body).code }).toEqual({ status: 422, code: "idempotency_mismatch" });
});

test("of many requests at once with one Idempotency-Key one makes the job; the others get it or 409", async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => post("c", 2)));
  const jobs = answers.filter(({ status }) => status === 202).map(({ body }) => Job.parse(body).id);
  const refused = answers.filter(({ status }) => status !== 202);
  expect(new Set(jobs).size).toBe(1);
  for (const { status, body } of refused) {
    expect({ status, code: Problem.parse(body).code }).toEqual({
      status: 409,
      code: "idempotency_in_flight",
    });
  }
});

test("the list shows each job once, newest first, a page at a time", async () => {
  const all = await until("three jobs in the list", async () => {
    const { data } = await live.client.listJobs();
    return data.length === 3 ? data : null;
  });
  const first = await live.client.listJobs("?limit=2");
  const rest = await live.client.listJobs(`?limit=2&cursor=${first.next_cursor}`);
  expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(rest.next_cursor).toBeNull();
  const times = all.map(({ created_at }) => created_at);
  expect(times).toEqual([...times].sort().reverse());
});
