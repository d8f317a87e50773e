import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { LIMITS } from "@infernet/schemas/limits";
import { TOKEN_UNITS } from "@infernet/schemas/llm/token-units";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { aggregator, CLIENT, readFacts, takeLeases } from "./testing/network.ts";
import { crash, Maker, openReader, PROMPT_TOKENS, textJob, textOf, textRead } from "./testing/streams.ts";

const [anna, bert] = [await createTestSigner(1), await createTestSigner(2)];

beforeEach(migrateIndex);
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** Moves the clock of the runtime that test and objects share, and has the object look at it. */
async function passTime(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(aggregator());
}

async function begin(job = textJob(), runner = anna): Promise<Maker> {
  await aggregator().create(job);
  return take(job, runner);
}

async function take(job: ReturnType<typeof textJob>, runner = anna, options = {}): Promise<Maker> {
  const [lease] = await takeLeases(job, runner);
  return new Maker(runner, lease ?? expect.fail(`no lease for ${runner.id}`), options);
}

const storedRows = (): Promise<number> =>
  runInDurableObject(aggregator(), (_, { storage }) =>
    Number(storage.sql.exec("SELECT count(*) AS n FROM streams").one().n),
  );

describe("a stream that nothing disturbs", () => {
  it("reaches a reader position by position, then how it ended, then the job", async () => {
    const job = textJob();
    const maker = await begin(job);
    expect(maker.lease.generation).toEqual({ task: "generate", stream: true, given: null });
    const reader = await openReader(job);
    await maker.send(await maker.make(1));
    await reader.untilPositions(1);
    const { kept } = await maker.send(await maker.make(39));
    expect(kept).toEqual([{ lease_id: maker.lease.id, positions: 32 }]);
    await maker.send(await maker.make(10, true));
    const [receipt] = await aggregator().submit(anna.id, [await maker.answer(50)]);
    expect(receipt).toMatchObject({ status: "accepted" });
    const records = await reader.untilEnd();
    expect(textRead(records)).toBe(textOf(0, 50));
    expect(records.at(-2)).toMatchObject({
      kind: "finished",
      finish_reason: "stop",
      continued: null,
      units: PROMPT_TOKENS * TOKEN_UNITS.prompt + 50 * TOKEN_UNITS.completion,
    });
    expect(records.at(-1)).toMatchObject({ kind: "end", job: { state: "succeeded" } });
  });

  it("gives from the answer what was never streamed, and the same to whoever reads it later", async () => {
    const job = textJob();
    const maker = await begin(job);
    await maker.send(await maker.make(10));
    await aggregator().submit(anna.id, [await maker.answer(50)]);
    expect(textRead(await (await openReader(job)).untilEnd())).toBe(textOf(0, 50));
    await crash();
    expect(textRead(await (await openReader(job)).untilEnd())).toBe(textOf(0, 50));
    const late = await openReader(job, { positions: [7], after: null });
    expect(textRead(await late.untilEnd(), 0, 7)).toBe(textOf(7, 50));
  });

  it("tells a reader that comes late what happened after a token behind that token, however many there are", async () => {
    const positions = LIMITS.parts_per_delta_max + 44;
    const job = textJob({}, { tokens_max: positions });
    const maker = await begin(job);
    await aggregator().submit(anna.id, [await maker.answer(positions)]);
    const records = await (await openReader(job, { positions: [], after: -1 })).untilEnd();
    const told = records.flatMap((record) => (record.kind === "event" ? [record.event.type] : [record.kind]));
    expect(told.lastIndexOf("parts")).toBeLessThan(told.indexOf("shards.committed"));
    expect(textRead(records)).toBe(textOf(0, positions));
  });

  it("writes a row for each signed block, and none for what lies between", async () => {
    const maker = await begin();
    for (let n = 0; n < 64; n += 1) await maker.send(await maker.make(1));
    expect(await storedRows()).toBe(2);
    await maker.send(await maker.make(10, true));
    expect(await storedRows()).toBe(3);
  });
});

describe("what a runner sends", () => {
  it("is passed over where it repeats, and asked for again where something is missing", async () => {
    const maker = await begin();
    const first = await maker.make(5);
    const second = await maker.make(5);
    expect((await maker.send(second)).resend).toEqual([{ lease_id: maker.lease.id, from: 0 }]);
    await maker.send(first, first, second, first);
    expect((await maker.send(await maker.make(1))).resend).toEqual([]);
  });

  it.each([
    [
      "another token where one was delivered",
      (delta) => ({ ...delta, start: 0, parts: [{ token: 5, text: "x", logprob: null }] }),
    ],
    [
      "a part without its token",
      (delta) => ({ ...delta, parts: [{ token: null, text: "x", logprob: null }] }),
    ],
    ["parts without a class", (delta) => ({ ...delta, execution_class: null })],
    [
      "parts of another class under one lease",
      (delta) => ({ ...delta, execution_class: "llm/1.0.0/cuda/fp32" }),
    ],
  ] satisfies [string, (delta: Awaited<ReturnType<Maker["make"]>>) => Awaited<ReturnType<Maker["make"]>>][])(
    "ends the stream of its lease with %s",
    async (_, spoil) => {
      const job = textJob();
      const maker = await begin(job);
      await maker.send(await maker.make(3));
      const { ended } = await maker.send(spoil(await maker.make(1)));
      expect(ended).toEqual([maker.lease.id]);
      expect((await readFacts(job)).at(-1)).toMatchObject({ kind: "returned", code: "output_refused" });
    },
  );

  it("ends with more tokens than the request allows", async () => {
    const maker = await begin(textJob({}, { tokens_max: 4 }));
    expect((await maker.send(await maker.make(5))).ended).toEqual([maker.lease.id]);
  });

  it.each(["tokens", "chain", "signature", "fingerprint"] as const)(
    "ends with a block whose %s is wrong",
    async (what) => {
      const job = textJob();
      const maker = await begin(job);
      const delta = await maker.make(32);
      const [signed] = delta.blocks;
      if (signed === undefined) expect.fail("no block");
      const other = (await new Maker(bert, maker.lease).make(32)).blocks[0];
      if (what === "tokens") signed.block.tokens[3] = 4;
      if (what === "fingerprint") signed.block.fingerprint = new Uint8Array(48);
      if (what === "chain" && other) signed.chain = other.chain;
      if (what === "signature" && other) signed.signature = other.signature;
      await maker.send(delta);
      expect((await readFacts(job)).at(-1)).toMatchObject({ kind: "returned", code: "output_refused" });
      expect(await storedRows()).toBe(1);
    },
  );

  it("is nobody's business without a lease", async () => {
    const job = textJob();
    const maker = await begin(job);
    const stranger = new Maker(bert, maker.lease);
    expect((await stranger.send(await stranger.make(1))).ended).toEqual([maker.lease.id]);
    expect(await readFacts(job)).toHaveLength(1);
  });
});

describe("when a maker is lost", () => {
  it("another goes on from the last delivered token, and both are paid for what they made", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const job = textJob();
    const first = await begin(job);
    const reader = await openReader(job);
    await first.send(await first.make(40));
    await passTime(LIMITS.stream_silence_ms_max + 1);
    const second = await take(job, bert);
    expect(second.lease.generation?.given).toMatchObject([{ positions: 40, text: textOf(0, 40) }]);
    expect(await storedRows()).toBe(2);
    expect((await first.send(await first.make(1))).ended).toEqual([first.lease.id]);
    await second.send(await second.make(30));
    await second.send(await second.make(10, true));
    await aggregator().submit(bert.id, [await second.answer(80)]);
    const records = await reader.untilEnd();
    expect(textRead(records)).toBe(textOf(0, 80));
    const finished = records.find(({ kind }) => kind === "finished");
    expect(finished).toMatchObject({ continued: "exact" });
    const committed = (await readFacts(job)).find(({ kind }) => kind === "committed");
    const begun = { runner: anna.id, start: 0, positions: 40 };
    expect(committed).toMatchObject({
      runner: bert.id,
      results: [{ units: 40 * TOKEN_UNITS.completion, begun: [begun] }],
    });
    const units = PROMPT_TOKENS * TOKEN_UNITS.prompt + 40 * TOKEN_UNITS.completion;
    expect(committed).toMatchObject({ results: [{ begun: [{ units }] }] });
  });

  it("refuses an answer that does not begin with what was delivered", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const job = textJob();
    const first = await begin(job);
    await first.send(await first.make(40));
    await passTime(LIMITS.stream_silence_ms_max + 1);
    const second = await take(job, bert);
    const other = new Maker(bert, { ...second.lease, generation: undefined }, { variant: 1 });
    const [receipt] = await aggregator().submit(bert.id, [await other.answer(50)]);
    expect(receipt).toMatchObject({ status: "refused", code: "stream_differs" });
    const view = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(view.progress.shards_leased).toBe(0);
  });

  it("a restarted edge has the signed blocks, and a runner that comes back sends the rest again", async () => {
    const job = textJob();
    const maker = await begin(job);
    await maker.send(await maker.make(50));
    await crash();
    const reader = await openReader(job, { positions: [50], after: null });
    expect((await maker.send(maker.beat())).resend).toEqual([{ lease_id: maker.lease.id, from: 32 }]);
    await maker.send(...maker.again(32), await maker.make(20, true));
    await aggregator().submit(anna.id, [await maker.answer(70)]);
    expect(textRead(await reader.untilEnd(), 0, 50)).toBe(textOf(50, 70));
    expect(await storedRows()).toBe(3);
  });
});
