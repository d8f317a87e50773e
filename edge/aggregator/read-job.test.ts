import { reset } from "cloudflare:test";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { aggregator, CLIENT, newJob, takeLeases, workOff } from "./testing/network.ts";

beforeEach(migrateIndex);
afterEach(reset);

const anna = await createTestSigner(1);

describe("a job's events", () => {
  it("tell its whole life in order, and can be taken up after any of them", async () => {
    const job = newJob();
    await aggregator().create(job);
    await workOff(job, anna);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id, 5_000)).state).toBe("succeeded");
    const { events, ended } = unwrap(await aggregator().events(CLIENT, job.record.id, -1, 0));
    expect(ended).toBe(true);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index));
    expect(events[0]).toMatchObject({ type: "job.queued", state: "queued" });
    expect(events.at(-1)).toMatchObject({
      type: "job.succeeded",
      state: "succeeded",
      progress: { rows_accepted: 8 },
    });
    const rest = unwrap(await aggregator().events(CLIENT, job.record.id, 1, 0));
    expect(rest.events).toEqual(events.slice(2));
  });

  it("wake whoever waits for the next one", async () => {
    const job = newJob();
    await aggregator().create(job);
    const waiting = aggregator().events(CLIENT, job.record.id, 0, 10_000);
    await takeLeases(job, anna);
    expect(unwrap(await waiting).events).toMatchObject([{ type: "shards.leased", runner: anna.id }]);
  });
});

describe("canceling a job", () => {
  it("ends it, takes its leases away, and changes nothing when repeated", async () => {
    const job = newJob();
    await aggregator().create(job);
    const [lease] = await takeLeases(job, anna);
    const canceled = unwrap(await aggregator().cancel(CLIENT, job.record.id));
    expect(canceled.state).toBe("canceled");
    expect(unwrap(await aggregator().cancel(CLIENT, job.record.id))).toEqual(canceled);
    expect(await takeLeases(job, anna)).toEqual([]);
    const held = [{ lease_id: lease?.id ?? expect.fail("no lease"), job_id: job.record.id }];
    expect((await aggregator().heartbeat(anna.id, held)).lost).toHaveLength(1);
  });

  it("is refused once the job has ended otherwise", async () => {
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    await workOff(job, anna);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id, 5_000)).state).toBe("succeeded");
    expect(await aggregator().cancel(CLIENT, job.record.id)).toMatchObject({
      ok: false,
      code: "job_finished",
    });
  });
});
