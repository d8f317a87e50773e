import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { answerChain } from "@infernet/protocol/challenge/answer-chain";
import { BINARY_TYPE, encodeBinary } from "@infernet/schemas/binary";
import {
  type Challenge,
  type ChallengeAnswer,
  ChallengeOffer,
  MeasuredSpeed,
} from "@infernet/schemas/challenge";
import { LIMITS } from "@infernet/schemas/limits";
import { Problem } from "@infernet/schemas/problem";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BillMeter } from "../metering/bill-meter.ts";
import { meterStorage } from "../metering/meter-storage.ts";
import { stretch } from "../provider/stretch.ts";
import { json } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { testRegistration } from "../testing/test-registration.ts";
import { createTestRunner, type TestRunner } from "../testing/test-runner.ts";

beforeEach(migrateIndex);
afterEach(reset);

async function runnerWith(cpu_cores: number): Promise<TestRunner> {
  const runner = await createTestRunner();
  await registerWith(runner, cpu_cores);
  return runner;
}

async function registerWith(runner: TestRunner, cpu_cores: number): Promise<void> {
  const { capability, ...rest } = testRegistration();
  const registered = await runner.call(
    "/runner/register",
    json({ ...rest, capability: { ...capability, cpu_cores } }),
  );
  expect(registered.status).toBe(200);
}

const ask = async (runner: TestRunner): Promise<ChallengeOffer> =>
  ChallengeOffer.parse(await (await runner.call("/runner/challenge", json({}))).json());

async function challengeOf(runner: TestRunner): Promise<Challenge> {
  const { challenge } = await ask(runner);
  if (challenge === null) throw new Error("a challenge is due");
  return challenge;
}

async function answerTo(challenge: Challenge): Promise<ChallengeAnswer> {
  const numbers = Array.from({ length: challenge.chains }, (_, chain) => chain);
  const chains = await Promise.all(numbers.map((chain) => answerChain(challenge, chain, stretch)));
  return { seed: challenge.seed, chains };
}

const send = (runner: TestRunner, answer: ChallengeAnswer): Promise<Response> =>
  runner.call("/runner/challenge/answer", {
    method: "POST",
    body: encodeBinary(answer),
    headers: { "Content-Type": BINARY_TYPE },
  });

const measuredBy = async (answer: Response): Promise<MeasuredSpeed> =>
  MeasuredSpeed.parse(await answer.json());

async function weightOf({ id }: TestRunner): Promise<number | undefined> {
  const need = { engine: "onnx", format: "onnx", memory_bytes: 1 } as const;
  const roster = await env.DISPATCHER.getByName("bucket-0").roster(need);
  return roster.find((entry) => entry.id === id)?.weight;
}

test("a runner that answers is taken for what it was measured as, by the dispatcher and for everybody to see", async () => {
  const runner = await runnerWith(2);
  const challenge = await challengeOf(runner);
  expect(challenge).toMatchObject({ chains: 2, segments: LIMITS.challenge_segments });
  const measured = await measuredBy(await send(runner, await answerTo(challenge)));
  expect(measured).toMatchObject({ passed: true, chains: 2 });
  expect(measured.iterations_per_s).toBeGreaterThan(0);
  await expect.poll(() => weightOf(runner)).toBe(1 + Math.floor(Math.log2(measured.cores)));
  const shown = await env.PROVIDER.getByName(runner.id).read();
  expect(shown?.measured).toEqual(measured);
  expect(await ask(runner)).toMatchObject({ challenge: null });
});

test("a liar who claims 4,096 cores is asked for 256 chains, made-up ones are found, and it is taken for one core", async () => {
  const runner = await runnerWith(4_096);
  expect(await weightOf(runner)).toBe(3);
  const challenge = await challengeOf(runner);
  expect(challenge.chains).toBe(LIMITS.challenge_chains_max);
  const honest = await answerTo({ ...challenge, chains: 1 });
  const [first] = honest.chains;
  if (!first) throw new Error("one chain was worked");
  // One chain is real, 255 are copies of it.
  const answer = { ...honest, chains: Array.from({ length: challenge.chains }, () => first) };
  expect(await measuredBy(await send(runner, answer))).toMatchObject({ passed: false, cores: 1 });
  await expect.poll(() => weightOf(runner)).toBe(1);
});

test("an answer counts once, and for nobody but whom the challenge was handed to", async () => {
  const [ann, bob] = [await runnerWith(1), await runnerWith(1)];
  const answer = await answerTo(await challengeOf(ann));
  await challengeOf(bob);
  expect(Problem.parse(await (await send(bob, answer)).json()).code).toBe("challenge_gone");
  expect((await send(ann, answer)).status).toBe(200);
  expect(Problem.parse(await (await send(ann, answer)).json()).code).toBe("challenge_gone");
});

test("a challenge that was not answered leaves a runner unmeasured, and is not had again at once", async () => {
  const runner = await runnerWith(8);
  await challengeOf(runner);
  const again = await ask(runner);
  expect(again.challenge).toBeNull();
  expect(again.next_ms).toBeLessThanOrEqual(LIMITS.challenge_pause_ms);
  const shown = await env.PROVIDER.getByName(runner.id).read();
  expect(shown?.measured).toBeNull();
  expect(await weightOf(runner)).toBe(3);
});

test("what was measured outlives the object, and whoever claims more is challenged anew", async () => {
  const runner = await runnerWith(1);
  await send(runner, await answerTo(await challengeOf(runner)));
  await evictDurableObject(env.PROVIDER.getByName(runner.id));
  expect((await ask(runner)).challenge).toBeNull();
  await registerWith(runner, 2);
  expect((await ask(runner)).challenge).toMatchObject({ chains: 2 });
});

test("a challenge and its answer cost one row, and asking without one being due none", async () => {
  const runner = await runnerWith(1);
  const meter = new BillMeter();
  const provider = env.PROVIDER.getByName(runner.id);
  await runInDurableObject(provider, (_, { storage }) => meterStorage(storage, "Provider", meter));
  const answer = await answerTo(await challengeOf(runner));
  expect(meter.take()["rows_written Provider"] ?? 0).toBe(0);
  await send(runner, answer);
  expect(meter.take()["rows_written Provider"]).toBe(1);
  await ask(runner);
  expect(meter.take()["rows_written Provider"] ?? 0).toBe(0);
});

test("who has never registered is told to", async () => {
  const answer = await (await createTestRunner()).call("/runner/challenge", json({}));
  expect(Problem.parse(await answer.json()).code).toBe("runner_unregistered");
});

test("an answer that is not whole checkpoints is refused", async () => {
  const runner = await runnerWith(1);
  const { seed } = await challengeOf(runner);
  const answer = await send(runner, { seed, chains: [new Uint8Array(33)] });
  expect(answer.status).toBe(422);
});
