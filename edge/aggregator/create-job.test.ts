import { env, reset, runInDurableObject } from "cloudflare:test";
import { canonicalDigest } from "@infernet/schemas/digest";
import { formatAccountId, formatLeaseId, formatPartition } from "@infernet/schemas/ids";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { uuidv7 } from "uuidv7";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { aggregator, CLIENT, newJob, workOff } from "./testing/network.ts";

beforeEach(migrateIndex);
afterEach(reset);

const anna = await createTestSigner(1);

const idempotency = async () => ({ key: `${CLIENT}:k`, request_sha256: await canonicalDigest("payload") });

describe("creating a job", () => {
  it("shows it queued, with all its shards to do", async () => {
    const job = newJob();
    const created = await aggregator().create(job);
    expect(created).toMatchObject({
      id: job.record.id,
      state: "queued",
      rows: 8,
      progress: { shards: 4, shards_leased: 0 },
    });
    expect(created.urls.self).toBe(`http://edge.test/jobs/${job.record.id}`);
  });

  it("blocks a second request of the same key while the first is being prepared", async () => {
    const { key, request_sha256 } = await idempotency();
    expect(unwrap(await aggregator().begin(key, request_sha256))).toBeNull();
    expect(await aggregator().begin(key, request_sha256)).toMatchObject({
      ok: false,
      code: "idempotency_in_flight",
    });
    await aggregator().abandon(key);
    expect(unwrap(await aggregator().begin(key, request_sha256))).toBeNull();
  });

  it("answers a repeat with the job as it was created, even after it has ended", async () => {
    const once = await idempotency();
    const job = newJob({}, { idempotency: once });
    const created = await aggregator().create(job);
    await workOff(job, anna);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id, 5_000)).state).toBe("succeeded");
    expect(unwrap(await aggregator().begin(once.key, once.request_sha256))).toEqual(created);
  });

  it("refuses the same key with another payload", async () => {
    const once = await idempotency();
    await aggregator().create(newJob({}, { idempotency: once }));
    const other = await aggregator().begin(once.key, await canonicalDigest("another payload"));
    expect(other).toMatchObject({ ok: false, code: "idempotency_mismatch" });
  });

  it("does not show one client's job to another", async () => {
    const job = newJob();
    await aggregator().create(job);
    expect(await aggregator().read(formatAccountId(uuidv7()), job.record.id)).toMatchObject({
      ok: false,
      code: "not_found",
    });
  });

  it("makes no storage for a partition that somebody merely asks about, begins at or submits to", async () => {
    const empty = env.AGGREGATOR.getByName(formatPartition(4_000));
    const { record } = newJob();
    expect(await empty.read(CLIENT, record.id)).toMatchObject({ ok: false, code: "not_found" });
    const { key, request_sha256 } = await idempotency();
    expect(unwrap(await empty.begin(key, request_sha256))).toBeNull();
    expect(await empty.begin(key, request_sha256)).toMatchObject({
      ok: false,
      code: "idempotency_in_flight",
    });
    const lease_id = formatLeaseId(formatPartition(4_000), "0".repeat(32), 0);
    const made_up = { lease_id, job_id: record.id, shard: 0, outcome: "handed_back" } as const;
    expect(await empty.submit(anna.id, [made_up])).toMatchObject([
      { status: "refused", code: "lease_unknown" },
    ]);
    const tables = await runInDurableObject(empty, (_, state) =>
      state.storage.sql.exec("SELECT count(*) AS n FROM sqlite_master").one(),
    );
    expect(tables).toEqual({ n: 0 });
  });
});
