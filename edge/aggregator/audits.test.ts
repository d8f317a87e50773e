import { evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import { formatRunnerId } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import type { Tensor } from "@infernet/schemas/tensor";
import { concatRows } from "@infernet/schemas/tensor-rows";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Dispatcher } from "../objects/dispatcher.ts";
import { Provider } from "../objects/provider.ts";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import {
  aggregator,
  answerLease,
  CLIENT,
  honest,
  introduce,
  newJob,
  readDrawn,
  readFacts,
  registerPairs,
  rowsOf,
  rowsTensor,
  takeLeases,
  work,
  workUntil,
} from "./testing/network.ts";
import { setChance } from "./testing/set-chance.ts";

beforeEach(async () => {
  await migrateIndex();
  await registerPairs();
  vi.useFakeTimers({ toFake: ["Date"] });
  setChance(0.5);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

const [anna, bert, carl, dora] = [
  await createTestSigner(1),
  await createTestSigner(2),
  await createTestSigner(3),
  await createTestSigner(4),
];
/** Trusted to decide disagreements. */
const rita = await createTestSigner(9);
const others = await Promise.all([11, 12, 13, 14].map(createTestSigner));

const AUDIT = { mode: "audit", auditors: 1, rows_share: 0.1 } as const;
/** Far beyond what honest machines can differ by. */
const wrong = () => 1_000;

async function create(changes: Partial<NewJob["record"]> = {}): Promise<NewJob> {
  const job = newJob({ rows: 80, shard_rows: 40, verification: AUDIT, ...changes });
  await aggregator().create(job);
  return job;
}

async function expectRight(job: NewJob): Promise<void> {
  const { bytes } = unwrap(await aggregator().result(CLIENT, job.record.id));
  expect(bytes).toEqual(encodeTensors([rowsTensor("y", 0, job.record.rows)]));
}

const convictedOf = ({ providers }: Job) =>
  providers.filter(({ convicted }) => convicted).map(({ id }) => id);

async function passTime(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(aggregator());
}

describe("an audit", () => {
  it("is given only to the runner drawn, after the commitment, and names some of the shard's rows", async () => {
    await introduce([anna, bert]);
    const job = await create({ rows: 40 });
    const [whole] = await takeLeases(job, anna);
    expect(await takeLeases(job, bert)).toEqual([]);
    await aggregator().submit(anna.id, [await answerLease(anna, whole ?? expect.fail("no lease"))]);
    expect(await takeLeases(job, anna)).toEqual([]);
    expect(await takeLeases(job, carl)).toEqual([]);
    const [audit] = await takeLeases(job, bert);
    expect(Object.keys(audit ?? {})).toEqual(Object.keys(whole ?? {}));
    expect(rowsOf([audit ?? expect.fail("no audit")])).toBe(4);
    const named = audit?.rows.map(({ start, count }) => rowsTensor("x", start, count)) ?? [];
    expect(audit?.inputs).toEqual([concatRows(named)]);
  });

  it("that agrees makes the job succeed, and the job says what was reached", async () => {
    await introduce([anna, bert, carl]);
    const job = await create();
    const done = await workUntil(job, [{ runner: anna }, { runner: bert }, { runner: carl }]);
    expect(done.verification.plan).toMatchObject({ mode: "audit", auditors: 1, audit_rows: 4 });
    expect(done.verification.reached).toMatchObject({ audits_passed: 2, rows_audited: 8, disputes: 0 });
    await expectRight(job);
  });

  it("is drawn for somebody else when its runner does not come for it", async () => {
    await introduce([anna, bert, carl]);
    const job = await create({ rows: 40 });
    await work(job, anna);
    const [absent] = await readDrawn(job);
    await passTime(LIMITS.audit_take_ms + 1);
    await expect.poll(async () => (await readDrawn(job)).length).toBe(2);
    const present = absent === bert.id ? carl : bert;
    const done = await workUntil(job, [{ runner: present }]);
    expect(done.providers).toContainEqual(expect.objectContaining({ id: present.id, audits_made: 1 }));
  });

  it("is drawn right after the answer where outputs and roster together would not fit into a row", async () => {
    const fleet = Array.from({ length: LIMITS.roster_runners_max + 5 }, (_, n) => ({
      id: formatRunnerId(
        new Uint8Array(32)
          .fill(1)
          .fill(n % 256, 30)
          .fill(n >> 8, 31),
      ),
    }));
    await introduce([anna, ...fleet]);
    const values = 260_000;
    const job = await create({
      rows: 4,
      shard_rows: 2,
      outputs: [{ name: "y", datatype: "FP32", shape: [null, values] }],
    });
    const leases = await takeLeases(job, anna, { leases_max: 1 });
    const data = new Uint8Array(2 * values * 4);
    const outputs: Tensor[] = [{ name: "y", datatype: "FP32", shape: [2, values], data }];
    const answers = await Promise.all(leases.map((lease) => answerLease(anna, lease, outputs)));
    expect(await aggregator().submit(anna.id, answers)).toMatchObject([{ status: "accepted" }]);
    await expect.poll(() => readDrawn(job)).toHaveLength(1);
    const [committed, drawn] = (await readFacts(job)).slice(-2);
    expect(committed).toMatchObject({ kind: "committed", draws: [], rosters: [] });
    expect(drawn?.kind === "drawn" && drawn.rosters[0]?.runners.length).toBe(LIMITS.roster_runners_max);
  });

  it("is drawn later when the dispatchers cannot be asked, and the answer is stored all the same", async () => {
    await introduce([anna, bert]);
    const job = await create({ rows: 40 });
    vi.spyOn(Dispatcher.prototype, "roster").mockRejectedValueOnce(new Error("away"));
    await work(job, anna);
    await expect.poll(() => readDrawn(job)).toEqual([bert.id]);
    await workUntil(job, [{ runner: bert }]);
  });

  it("is waited for three times as long when there is nobody else to draw", async () => {
    await introduce([anna, bert]);
    const job = await create({ rows: 40 });
    await work(job, anna);
    const { events } = unwrap(await aggregator().events(CLIENT, job.record.id, -1, 0));
    for (let n = 0; n < 2; n += 1) await passTime(LIMITS.audit_take_ms + 1);
    expect(unwrap(await aggregator().events(CLIENT, job.record.id, events.length - 1, 50)).events).toEqual(
      [],
    );
    await workUntil(job, [{ runner: bert }]);
  });
});

describe("a wrong answer", () => {
  it("is found by an audit, decided by the trusted referee, and its maker's other shards are computed anew", async () => {
    await introduce([anna, bert, carl]);
    await introduce([rita], { duty: "disputes" });
    const job = await create({ rows: 160 });
    await work(job, anna, wrong, { runners: 2 });
    const done = await workUntil(job, [
      { runner: anna, conduct: wrong },
      { runner: bert },
      { runner: carl },
      { runner: rita, referee: true },
    ]);
    expect(convictedOf(done)).toEqual([anna.id]);
    expect(done.verification.reached.disputes).toBeGreaterThan(0);
    await expectRight(job);
    const verdicts = (await readFacts(job)).flatMap((fact) => ("verdicts" in fact ? fact.verdicts : []));
    expect(verdicts[0]).toMatchObject({
      answer: { runner: anna.id, ruling: "convicted" },
      check: { ruling: "stands" },
      referees: [rita.id],
    });
  });

  it("is found by a majority of fresh draws where no referee is trusted", async () => {
    const fleet = [bert, carl, dora, ...others];
    await introduce([anna, ...fleet]);
    const job = await create({ rows: 40 });
    await work(job, anna, wrong);
    const workers = fleet.map((runner) => ({ runner }));
    const done = await workUntil(job, [{ runner: anna, conduct: wrong }, ...workers]);
    expect(convictedOf(done)).toEqual([anna.id]);
    await expectRight(job);
  });

  it("does not get through when an accomplice covers for it in some of the audits", async () => {
    await introduce([anna, bert, carl, dora]);
    await introduce([rita], { duty: "disputes" });
    const job = await create({ rows: 640 });
    const done = await workUntil(job, [
      { runner: anna, conduct: wrong },
      { runner: bert, conduct: wrong },
      { runner: carl },
      { runner: dora },
      { runner: rita, referee: true },
    ]);
    expect(convictedOf(done)).toContain(anna.id);
    await expectRight(job);
  });

  it("is told to its maker's ledger at once, while the job goes on, and again until it is acknowledged", async () => {
    await introduce([anna, bert]);
    await introduce([rita], { duty: "disputes" });
    const job = await create({ rows: 80 });
    const record = vi.spyOn(Provider.prototype, "record").mockRejectedValueOnce(new Error("away"));
    const workers = [{ runner: anna, conduct: wrong }, { runner: bert }, { runner: rita, referee: true }];
    await workUntil(job, workers, (view) => convictedOf(view).length > 0);
    await expect.poll(() => record.mock.calls.length).toBe(1);
    const told = record.mock.calls[0];
    expect(told).toMatchObject([[{ kind: "convicted", job_id: job.record.id, as: "answer" }]]);
    await evictDurableObject(aggregator());
    await passTime(LIMITS.reoffer_ms + 1);
    await expect.poll(() => record.mock.calls).toEqual([told, told]);
    await passTime(LIMITS.reoffer_ms + 1);
    expect(record).toHaveBeenCalledTimes(2);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id)).state).not.toBe("succeeded");
  });
});

describe("a runner that is tested", () => {
  it("with the known answer of a shard, whole, cannot tell it from work, and is convicted when it is wrong", async () => {
    await introduce([anna, bert, carl]);
    await introduce([rita], { duty: "disputes" });
    const job = await create({ rows: 160 });
    const [first] = await takeLeases(job, anna, { leases_max: 1 });
    await aggregator().submit(anna.id, [await answerLease(anna, first ?? expect.fail("no lease"))]);
    const [auditor] = await readDrawn(job);
    const [near, tested] = auditor === bert.id ? [bert, carl] : [carl, bert];
    await work(job, near, honest, { leases_max: 1 });
    setChance(0.001);
    const leases = await takeLeases(job, tested, { leases_max: 1 });
    const probe = (await readFacts(job)).at(-1);
    expect(probe).toMatchObject({ kind: "leased", tasks: [{ shard: first?.shard, role: "probe" }] });
    expect(leases).toMatchObject([{ rows: first?.rows }]);
    const [lease] = leases;
    await aggregator().submit(tested.id, [
      await answerLease(tested, lease ?? expect.fail("no lease"), wrong()),
    ]);
    setChance(0.5);
    const done = await workUntil(job, [{ runner: anna }, { runner: near }, { runner: rita, referee: true }]);
    expect(convictedOf(done)).toEqual([tested.id]);
    await expectRight(job);
  });
});

describe("a wrong check", () => {
  it("convicts the auditor that framed an honest answer, and the answer stands", async () => {
    await introduce([anna, bert, carl]);
    await introduce([rita], { duty: "disputes" });
    const job = await create({ rows: 40 });
    await work(job, anna);
    const [drawn] = await readDrawn(job);
    const framer = drawn === bert.id ? bert : carl;
    const done = await workUntil(job, [
      { runner: framer, conduct: wrong },
      { runner: framer === bert ? carl : bert },
      { runner: rita, referee: true },
    ]);
    expect(convictedOf(done)).toEqual([framer.id]);
    expect(done.providers.find(({ id }) => id === anna.id)).toMatchObject({ shards_committed: 1 });
    await expectRight(job);
  });
});

describe("a difference that honest machines might show", () => {
  it("goes to the referee, and whoever it does not agree with is set aside but not punished", async () => {
    await introduce([anna, bert, carl]);
    await introduce([rita], { duty: "disputes" });
    const job = await create({ rows: 80 });
    // Between the tolerances for FP32 in each of the rows 40 to 79.
    await work(job, anna, ({ shard }) => (shard === 1 ? 2.8e-3 : 0));
    const done = await workUntil(job, [
      { runner: anna },
      { runner: bert },
      { runner: carl },
      { runner: rita, referee: true },
    ]);
    expect(done.verification.reached.disputes).toBe(1);
    expect(convictedOf(done)).toEqual([]);
    await expectRight(job);
    const facts = await readFacts(job);
    const verdicts = facts.flatMap((fact) => ("verdicts" in fact ? fact.verdicts : []));
    expect(verdicts).toMatchObject([
      { shard: 1, answer: { runner: anna.id, ruling: "set_aside" }, check: { ruling: "stands" } },
    ]);
    const zones = facts.flatMap((fact) =>
      fact.kind === "committed" ? fact.results.flatMap(({ comparisons }) => comparisons) : [],
    );
    expect(zones.map(({ zone }) => zone)).toContain("unclear");
  });
});

describe("a disagreement", () => {
  it("is decided from the log after the object was evicted in the middle of it", async () => {
    await introduce([anna, bert]);
    await introduce([rita], { duty: "disputes" });
    const job = await create({ rows: 40 });
    await work(job, anna, wrong);
    await work(job, bert);
    await evictDurableObject(aggregator());
    expect(unwrap(await aggregator().read(CLIENT, job.record.id)).progress.shards_disputed).toBe(1);
    await runDurableObjectAlarm(aggregator());
    await expect.poll(() => readDrawn(job)).toContain(rita.id);
    await evictDurableObject(aggregator());
    expect(await work(job, rita, honest, { referee: true })).toBe(1);
    await evictDurableObject(aggregator());
    const done = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(convictedOf(done)).toEqual([anna.id]);
    expect(done.progress).toMatchObject({ shards_committed: 0, shards_leased: 0 });
  });
});

describe("a quorum", () => {
  it("of three has two others compute every row, drawn after the first has committed", async () => {
    await introduce([anna, bert, carl]);
    const job = await create({ rows: 40, verification: { mode: "quorum", replicas: 3 } });
    await work(job, anna);
    expect((await readDrawn(job)).toSorted()).toEqual([bert.id, carl.id].toSorted());
    const [check] = await takeLeases(job, bert);
    expect(check?.rows).toEqual([{ start: 0, count: 40 }]);
    await aggregator().submit(bert.id, [await answerLease(bert, check ?? expect.fail("no check"))]);
    const done = await workUntil(job, [{ runner: carl }]);
    expect(done.verification.reached).toMatchObject({ audits_passed: 2, rows_audited: 80 });
  });
});

describe("an assurance", () => {
  const verification = { assurance: 0.9999 } as const;

  it("has more auditors drawn at the end, until every shard is under its bound", async () => {
    const fleet = [anna, bert, carl, dora, ...others];
    await introduce(fleet);
    const job = await create({ rows: 120, verification });
    const done = await workUntil(
      job,
      fleet.map((runner) => ({ runner })),
    );
    expect(done.verification.plan).toMatchObject({ auditors: 2, error_max: 0.0001 });
    expect(done.verification.reached.group_error_max).toBeLessThanOrEqual(0.0001);
    expect(done.verification.reached.audits_passed).toBeGreaterThan(3 * 2);
  });

  it("that cannot be reached ends the job at its deadline, with the reason", async () => {
    await introduce([anna, bert, carl]);
    const job = await create({ rows: 40, verification });
    for (let turn = 0; turn < 3; turn += 1) for (const runner of [anna, bert, carl]) await work(job, runner);
    await passTime(600_001);
    const view = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(view).toMatchObject({ state: "expired", error: { code: "deadline_exceeded" } });
    expect(view.error?.detail).toContain("a group error of at most 0.0001");
  });
});
