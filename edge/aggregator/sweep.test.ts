import { env, evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { listJobs } from "@infernet/db/index/jobs";
import { LIMITS } from "@infernet/schemas/limits";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { retirementOf } from "./retire-day.ts";
import { aggregator, answerLease, CLIENT, newJob, takeLeases, workOff } from "./testing/network.ts";

beforeEach(migrateIndex);
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const [anna, bert] = [await createTestSigner(1), await createTestSigner(2)];

/** Moves the clock of the runtime that test and objects share. */
function passTime(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

describe("what time alone brings about", () => {
  it("ends a job at its deadline with no traffic at all, and says why", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const job = newJob({ deadline_ms: Date.now() + 60_000 });
    await aggregator().create(job);
    passTime(60_001);
    expect(await runDurableObjectAlarm(aggregator())).toBe(true);
    const view = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(view).toMatchObject({ state: "expired", error: { code: "deadline_exceeded" } });
    expect(view.error?.detail).toContain("no runner took any");
  });

  it("gives the shards of a runner that fell silent to another, and still takes its answer when it comes first", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    const [lost] = await takeLeases(job, anna);
    passTime(LIMITS.lease_ms_default + 1);
    await runDurableObjectAlarm(aggregator());
    const view = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(view.progress.shards_leased).toBe(0);
    expect(await takeLeases(job, bert)).toHaveLength(1);
    const [receipt] = await aggregator().submit(anna.id, [
      await answerLease(anna, lost ?? expect.fail("no lease")),
    ]);
    expect(receipt?.status).toBe("accepted");
  });

  it("keeps a lease alive as long as heartbeats come, and tells when it is lost", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    const [lease] = await takeLeases(job, anna);
    const held = [{ lease_id: lease?.id ?? expect.fail("no lease"), job_id: job.record.id }];
    for (let beat = 0; beat < 5; beat += 1) {
      passTime(LIMITS.lease_ms_default - 1_000);
      expect((await aggregator().heartbeat(anna.id, held)).renewed).toHaveLength(1);
      await runDurableObjectAlarm(aggregator());
    }
    passTime(LIMITS.lease_ms_default + 1);
    await runDurableObjectAlarm(aggregator());
    expect((await aggregator().heartbeat(anna.id, held)).lost).toEqual([lease?.id]);
  });

  it("gives leases one more lease time after a restart, since renewals are not stored", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    await takeLeases(job, anna);
    passTime(LIMITS.lease_ms_default - 1);
    await evictDurableObject(aggregator());
    passTime(LIMITS.lease_ms_default - 1);
    await runDurableObjectAlarm(aggregator());
    const leased = async () => unwrap(await aggregator().read(CLIENT, job.record.id)).progress.shards_leased;
    expect(await leased()).toBe(1);
    passTime(2 * LIMITS.lease_ms_default);
    await runDurableObjectAlarm(aggregator());
    expect(await leased()).toBe(0);
  });

  it("offers waiting shards again after a restart of everything", async () => {
    const job = newJob();
    await aggregator().create(job);
    for (const bucket of [env.DISPATCHER.getByName("bucket-0")]) await evictDurableObject(bucket);
    await evictDurableObject(aggregator());
    await runDurableObjectAlarm(aggregator());
    await expect.poll(async () => (await env.DISPATCHER.getByName("bucket-0").stats()).offers).toBe(1);
  });

  it("fails a job whose outputs cannot be merged for a reason of ours, rather than hold it for good", async () => {
    const job = newJob({ rows: 4 });
    await aggregator().create(job);
    const leases = await takeLeases(job, anna);
    const [first, second] = await Promise.all(leases.map((lease) => answerLease(anna, lease)));
    await aggregator().submit(anna.id, [first ?? expect.fail("no lease")]);
    await runInDurableObject(aggregator(), (_, state) =>
      state.storage.sql.exec("UPDATE facts SET payload = x'ff'"),
    );
    await aggregator().submit(anna.id, [second ?? expect.fail("no lease")]);
    const state = async () => unwrap(await aggregator().read(CLIENT, job.record.id)).state;
    for (let alarm = 0; alarm < LIMITS.merge_attempts_max && (await state()) !== "failed"; alarm += 1) {
      await runDurableObjectAlarm(aggregator());
    }
    await expect.poll(state).toBe("failed");
    expect(unwrap(await aggregator().read(CLIENT, job.record.id)).error?.code).toBe("internal");
  });

  it("forgets a day, its jobs and their place in the list, once the retention of its last job is over", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    await workOff(job, anna);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id, 5_000)).state).toBe("succeeded");
    const listed = async () => (await listJobs(env.INDEX, CLIENT, { limit: 10 })).data.length;
    await expect.poll(listed).toBe(1);
    passTime(LIMITS.job_retention_ms + 1);
    await runDurableObjectAlarm(aggregator());
    expect(unwrap(await aggregator().read(CLIENT, job.record.id)).state).toBe("succeeded");
    passTime(retirementOf(job.record.id) - Date.now() + 1);
    await evictDurableObject(aggregator());
    await runDurableObjectAlarm(aggregator());
    expect(await aggregator().read(CLIENT, job.record.id)).toMatchObject({ ok: false, code: "not_found" });
    expect(await listed()).toBe(0);
    const left = await runInDurableObject(aggregator(), (_, state) =>
      state.storage.sql.exec("SELECT count(*) AS n FROM sqlite_master").one(),
    );
    expect(left).toEqual({ n: 0 });
  });
});
