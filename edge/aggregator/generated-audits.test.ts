import { reset, runDurableObjectAlarm } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import { planVerification } from "@infernet/protocol/verification-plan";
import { LIMITS } from "@infernet/schemas/limits";
import type { Completion, Evidence } from "@infernet/schemas/llm/generation";
import { Capability } from "@infernet/schemas/runner";
import { splitBytes } from "@infernet/schemas/tensor-bytes";
import { createTestSigner, type TestSigner } from "@infernet/schemas/testing/sign-commitment";
import { Verification } from "@infernet/schemas/verification";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { CAPABILITY } from "../testing/test-exchange.ts";
import {
  aggregator,
  CLIENT,
  introduce as introduceTo,
  readFacts,
  registerPairs,
  takeLeases,
} from "./testing/network.ts";
import { setChance } from "./testing/set-chance.ts";
import { Maker, textJob } from "./testing/streams.ts";

const [anna, bert, carl] = [await createTestSigner(1), await createTestSigner(2), await createTestSigner(3)];
/** Trusted to decide disagreements. */
const rita = await createTestSigner(9);

const verification = Verification.parse({ mode: "audit", auditors: 1 });
const plan = planVerification(verification, 1, false);
const TOKENS = 70;

beforeEach(async () => {
  await migrateIndex();
  await registerPairs();
  vi.useFakeTimers({ toFake: ["Date"] });
  setChance(0.5);
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const [offer] = CAPABILITY.engines;
const LLM = { ...CAPABILITY, engines: [{ ...offer, engine: "llm", version: "1.0.0", formats: ["llm"] }] };
const introduce = (runners: TestSigner[], standing = {}) =>
  introduceTo(runners, standing, Capability.parse(LLM));

async function create(stream: boolean): Promise<NewJob> {
  const job = textJob({ stream }, { verification, plan });
  await aggregator().create(job);
  return job;
}

async function take(job: NewJob, runner: TestSigner, referee = false): Promise<Maker> {
  const [lease] = await takeLeases(job, runner, { referee });
  if (lease === undefined) throw new Error("there is no lease");
  return new Maker(runner, lease);
}

const read = async (job: NewJob) => unwrap(await aggregator().read(CLIENT, job.record.id));
const comparisonsOf = async (job: NewJob) =>
  (await readFacts(job)).flatMap((fact) =>
    fact.kind === "committed" ? fact.results.flatMap(({ comparisons }) => comparisons) : [],
  );

/** What a machine says that would have chosen another token at one position, as its own numbers tell it. */
async function doubting(maker: Maker, position: number): Promise<Partial<Completion>> {
  const { outputs } = await maker.answer(TOKENS);
  const [row] = typeof outputs === "string" ? [] : splitBytes(outputs[0]?.data ?? new Uint8Array());
  const { evidence } = JSON.parse(new TextDecoder().decode(row)) as { evidence: Evidence };
  const margins = evidence.margins.map((margin, at) => (at === position ? 9_000 : margin));
  return { evidence: { ...evidence, margins } };
}

async function submit(maker: Maker, changes: Partial<Completion> = {}): Promise<void> {
  const [receipt] = await aggregator().submit(maker.runner.id, [await maker.answer(TOKENS, changes)]);
  expect(receipt).toMatchObject({ status: "accepted" });
}

describe("an answer of generated text", () => {
  it("is checked by what another machine computes of its tokens", async () => {
    await introduce([anna, bert]);
    const job = await create(false);
    await submit(await take(job, anna));
    const check = await take(job, bert);
    expect(check.lease.generation).toMatchObject({ task: "score", stream: false });
    expect(check.lease.generation?.given?.[0]?.positions).toBe(TOKENS);
    await submit(check);
    expect(await comparisonsOf(job)).toMatchObject([
      { with: anna.id, zone: "match", deviation: 0, angle: 0 },
    ]);
  });

  it("convicts its maker where check and referee find tokens that the seed does not choose", async () => {
    await introduce([anna, bert]);
    await introduce([rita], { duty: "disputes" });
    const job = await create(false);
    await submit(await take(job, anna));
    for (const [runner, referee] of [
      [bert, false],
      [rita, true],
    ] as const) {
      const check = await take(job, runner, referee);
      await submit(check, await doubting(check, 50));
    }
    expect((await comparisonsOf(job)).map(({ with: other, zone }) => [other, zone])).toEqual([
      [anna.id, "fraud"],
      [anna.id, "fraud"],
      [bert.id, "match"],
    ]);
    expect((await read(job)).providers.filter(({ convicted }) => convicted).map(({ id }) => id)).toEqual([
      anna.id,
    ]);
  });

  it("says who began it wrongly, and does not hold that against who finished it", async () => {
    // Of one group, so that it is for carl alone to check.
    await introduce([anna, bert], { groups: ["house"] });
    await introduce([carl]);
    const job = await create(true);
    const first = await take(job, anna);
    await first.send(await first.make(40));
    vi.setSystemTime(Date.now() + LIMITS.stream_silence_ms_max + 1);
    await runDurableObjectAlarm(aggregator());
    const second = await take(job, bert);
    await submit(second, await doubting(second, 10));
    const check = await take(job, carl);
    await submit(check, await doubting(check, 10));
    const begun = [{ runner: anna.id, lease_id: first.lease.id, zone: "fraud" }];
    expect(await comparisonsOf(job)).toMatchObject([{ with: bert.id, zone: "match", begun }]);
    const { state, providers } = await read(job);
    expect(state).toBe("succeeded");
    expect(providers.map(({ id, convicted }) => [id, convicted])).not.toContainEqual([bert.id, true]);
  });
});
