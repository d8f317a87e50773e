import { env, reset, runDurableObjectAlarm } from "cloudflare:test";
import { LIMITS } from "@infernet/schemas/limits";
import type { JobGeneration } from "@infernet/schemas/llm/job-generation";
import { TOKEN_UNITS } from "@infernet/schemas/llm/token-units";
import { Engine } from "@infernet/schemas/model";
import { ExecutionProvider } from "@infernet/schemas/runner";
import { createTestSigner, type TestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bucketOf } from "../dispatcher/buckets.ts";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { CAPABILITY, STANDING } from "../testing/test-exchange.ts";
import { aggregator, CLIENT, readFacts, takeLeases } from "./testing/network.ts";
import { Maker, openReader, PROMPT_TOKENS, textJob, textOf, textRead } from "./testing/streams.ts";

const [anna, bert] = [await createTestSigner(1), await createTestSigner(2)];
const CPU = "llm/1.0.0/cpu";
const CUDA = "llm/1.0.0/cuda";

beforeEach(async () => {
  await migrateIndex();
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** Moves the clock, and has the object look at it. */
async function passTime(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(aggregator());
}

/** Has the dispatcher know a machine of this class. */
async function introduce({ id }: TestSigner, machine: string): Promise<void> {
  const [, version = "", provider = ""] = machine.split("/");
  const execution_provider = ExecutionProvider.parse(provider);
  const engine = { engine: Engine.parse("llm"), version, execution_provider, formats: ["llm"] };
  await bucketOf(env, id).introduce(
    id,
    { ...CAPABILITY, engines: [{ ...engine, sandbox: "none" }] },
    STANDING,
  );
}

/** A job whose first machine is gone after 40 positions. */
async function lose(failover: JobGeneration["failover"]) {
  const job = textJob({ failover });
  await aggregator().create(job);
  const [lease] = await takeLeases(job, anna, { classes: [CPU] });
  const maker = new Maker(anna, lease ?? expect.fail("no lease"));
  const reader = await openReader(job);
  await maker.send(await maker.make(40));
  await reader.untilPositions(40);
  await passTime(LIMITS.stream_silence_ms_max + 1);
  return { job, reader };
}

const leasesFor = (job: ReturnType<typeof textJob>, runner: TestSigner, machine: string) =>
  takeLeases(job, runner, { classes: [machine] });

describe("a stream of which no machine of its class is left", () => {
  it("waits for one, then goes on elsewhere as well as it can, and says so", async () => {
    const { job, reader } = await lose("continue");
    await introduce(bert, CUDA);
    expect(await leasesFor(job, bert, CUDA)).toEqual([]);
    await passTime(LIMITS.stream_class_wait_ms + 1);
    const lease = await vi.waitUntil(async () => (await leasesFor(job, bert, CUDA))[0]);
    expect(lease.generation?.given).toMatchObject([{ positions: 40 }]);
    const maker = new Maker(bert, lease, { execution_class: `${CUDA}/fp32` });
    await maker.send(await maker.make(20, true));
    await aggregator().submit(bert.id, [await maker.answer(60)]);
    expect(textRead(await reader.untilEnd())).toBe(textOf(0, 60));
    expect(reader.records.at(-2)).toMatchObject({ kind: "finished", continued: "best_effort" });
  });

  it("begins anew where the client would rather have that, and tells the reader", async () => {
    const { job, reader } = await lose("restart");
    await introduce(bert, CUDA);
    await passTime(LIMITS.stream_class_wait_ms + 1);
    await reader.until((records) => records.at(-1)?.kind === "restart");
    const [lease] = await leasesFor(job, bert, CUDA);
    expect(lease?.generation).toMatchObject({ stream: true, given: null });
    const maker = new Maker(bert, lease ?? expect.fail("no lease"), {
      execution_class: `${CUDA}/fp32`,
      variant: 1,
    });
    await maker.send(await maker.make(20, true));
    await aggregator().submit(bert.id, [await maker.answer(20)]);
    expect(textRead(await reader.untilEnd())).toBe(textOf(0, 20, 1));
    expect(reader.records.at(-2)).toMatchObject({ kind: "finished", continued: null });
  });

  it("fails where the client would rather have that, and costs nothing", async () => {
    const { job, reader } = await lose("fail");
    await passTime(LIMITS.stream_class_wait_ms + 1);
    const records = await reader.untilEnd();
    expect(records.at(-1)).toMatchObject({
      kind: "end",
      job: { state: "failed", error: { code: "stream_lost" } },
    });
    const { price } = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(price.settled?.charged_micro).toBe("0");
  });

  it("goes on waiting while one is there that could", async () => {
    const { job, reader } = await lose("fail");
    await introduce(bert, CPU);
    for (let n = 0; n < 3; n += 1) await passTime(LIMITS.stream_class_wait_ms + 1);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id)).state).toBe("running");
    const [lease] = await leasesFor(job, bert, CPU);
    expect(lease?.generation?.given).toMatchObject([{ positions: 40 }]);
    await reader.leave();
  });
});

it("a machine that is alone takes its own stream up again at once", async () => {
  const job = textJob();
  await aggregator().create(job);
  const [lease] = await takeLeases(job, anna);
  const maker = new Maker(anna, lease ?? expect.fail("no lease"));
  await maker.send(await maker.make(10));
  await passTime(LIMITS.stream_silence_ms_max + 1);
  expect(await takeLeases(job, anna, { runners: 2 })).toEqual([]);
  expect(await takeLeases(job, anna, { runners: 1 })).toHaveLength(1);
});

it("nobody is needed beside a machine that is heard of, however long it takes", async () => {
  const job = textJob();
  await aggregator().create(job);
  const [lease] = await takeLeases(job, anna);
  const maker = new Maker(anna, lease ?? expect.fail("no lease"));
  for (let n = 0; n < 30; n += 1) {
    await maker.send(await maker.make(1));
    await passTime(LIMITS.stream_silence_ms_max - 1_000);
  }
  expect(await takeLeases(job, bert)).toEqual([]);
});

it("who is heard of and makes no token holds up nothing for good", async () => {
  const job = textJob();
  await aggregator().create(job);
  const [lease] = await takeLeases(job, anna);
  const maker = new Maker(anna, lease ?? expect.fail("no lease"));
  for (
    let waited = 0;
    waited <= LIMITS.generation_first_ms_max + LIMITS.stream_silence_ms_max;
    waited += 4_000
  ) {
    await maker.send(maker.beat());
    await passTime(4_000);
  }
  expect(await takeLeases(job, bert)).toHaveLength(1);
});

describe("a client that goes away", () => {
  it("cancels the job that it posted so, and pays for what was made", async () => {
    const job = textJob({ cancel_on_disconnect: true });
    await aggregator().create(job);
    const [lease] = await takeLeases(job, anna);
    const maker = new Maker(anna, lease ?? expect.fail("no lease"));
    const [reader, other] = [await openReader(job), await openReader(job)];
    await maker.send(await maker.make(40));
    await reader.untilPositions(40);
    await reader.leave();
    await other.untilPositions(40);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id)).state).toBe("running");
    await other.leave();
    await expect
      .poll(async () => unwrap(await aggregator().read(CLIENT, job.record.id)).state, { timeout: 6_000 })
      .toBe("canceled");
    expect((await maker.send(await maker.make(1))).ended).toEqual([maker.lease.id]);
    const units = PROMPT_TOKENS * TOKEN_UNITS.prompt + 40 * TOKEN_UNITS.completion;
    expect((await readFacts(job)).at(-1)).toEqual({
      kind: "canceled",
      begun: [{ shard: 0, runner: anna.id, lease_id: maker.lease.id, start: 0, positions: 40, units }],
    });
    const { price } = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(price.settled?.charged_micro).toBe(String(units));
  });

  it("pays for what was made when the job's deadline passes, whatever was still to be made or checked", async () => {
    const job = textJob({}, { deadline_ms: Date.now() + 60_000 });
    await aggregator().create(job);
    const [lease] = await takeLeases(job, anna);
    const maker = new Maker(anna, lease ?? expect.fail("no lease"));
    await maker.send(await maker.make(40));
    await passTime(60_001);
    const { state, price } = unwrap(await aggregator().read(CLIENT, job.record.id));
    const units = PROMPT_TOKENS * TOKEN_UNITS.prompt + 40 * TOKEN_UNITS.completion;
    expect([state, price.settled?.charged_micro]).toEqual(["expired", String(units)]);
  });

  it("leaves any other job alone", async () => {
    const job = textJob();
    await aggregator().create(job);
    const reader = await openReader(job);
    await reader.leave();
    expect(unwrap(await aggregator().read(CLIENT, job.record.id)).state).toBe("queued");
  });
});

it("checks of generated text are leases to score the whole answer", async () => {
  const job = textJob({}, { verification: { mode: "audit", auditors: 1, rows_share: 1 } });
  await introduce(anna, CPU);
  await introduce(bert, CPU);
  await aggregator().create(job);
  const [lease] = await takeLeases(job, anna);
  const maker = new Maker(anna, lease ?? expect.fail("no lease"));
  await maker.send(await maker.make(20, true));
  const [receipt] = await aggregator().submit(anna.id, [await maker.answer(20)]);
  expect(receipt?.status).toBe("accepted");
  await expect
    .poll(async () => (await takeLeases(job, bert))[0]?.generation ?? null, { timeout: 3_000 })
    .toMatchObject({ task: "score", stream: false, given: [{ positions: 20, text: textOf(0, 20) }] });
});

it("batches are leases to complete whole shards, and are not streamed", async () => {
  const job = textJob({ stream: false }, { rows: 3 });
  await aggregator().create(job);
  const [lease] = await takeLeases(job, anna);
  expect(lease?.generation).toEqual({ task: "generate", stream: false, given: null });
  expect(await aggregator().stream(CLIENT, job.record.id, { positions: [], after: null })).toMatchObject({
    ok: false,
    code: "not_streamed",
  });
});
