import { CHECKPOINT_BYTES, type Challenge, type ChallengeAnswer } from "@infernet/schemas/challenge";
import { hashSha256, renderHash } from "@infernet/schemas/hash";
import { LIMITS } from "@infernet/schemas/limits";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { expect, test } from "vitest";
import { answerChain } from "./answer-chain.ts";
import { believedCores, measuredCores } from "./believed-cores.ts";
import { challengeDue } from "./challenge-due.ts";
import { checkAnswer } from "./check-answer.ts";
import { makeChallenge } from "./make-challenge.ts";
import { rateAnswer } from "./rate-answer.ts";
import { segmentSalt } from "./segment-salt.ts";
import type { Stretch } from "./stretch.ts";

/** Cheap, and as sequential as the real one. */
const stretch: Stretch = async (password, salt, iterations) => {
  let hash = hashSha256(new Uint8Array([...password, ...salt]));
  for (let n = 1; n < iterations; n++) hash = hashSha256(hash);
  return hash;
};

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
const random = seededRandom(SEED);
const int = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));

const anyChallenge = (): Challenge => ({
  seed: renderHash(hashSha256(Uint8Array.of(int(0, 255), int(0, 255), int(0, 255)))),
  chains: int(1, 6),
  segments: int(1, 12),
  iterations: int(1, 3),
});

async function answerTo(challenge: Challenge): Promise<ChallengeAnswer> {
  const numbers = Array.from({ length: challenge.chains }, (_, chain) => chain);
  const chains = await Promise.all(numbers.map((chain) => answerChain(challenge, chain, stretch)));
  return { seed: challenge.seed, chains };
}

test("whoever does the work passes, whichever segments are looked at", async () => {
  for (let round = 0; round < 100; round++) {
    const challenge = anyChallenge();
    const check = { segments: 4, random, stretch };
    expect(await checkAnswer(challenge, await answerTo(challenge), check), `SEED=${SEED}`).toBe(true);
  }
});

test("a changed byte is found in the segment that ends with it and in the one that starts with it, and nowhere else", async () => {
  for (let round = 0; round < 100; round++) {
    const challenge = anyChallenge();
    const answer = await answerTo(challenge);
    const [chain, segment] = [int(0, challenge.chains - 1), int(0, challenge.segments - 1)];
    const bytes = answer.chains[chain];
    if (!bytes) throw new Error("the chain is there");
    const at = segment * CHECKPOINT_BYTES + int(0, CHECKPOINT_BYTES - 1);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    for (let seen = 0; seen < challenge.segments; seen++) {
      const draws = [(chain + 0.5) / challenge.chains, (seen + 0.5) / challenge.segments];
      const check = { segments: 1, random: () => draws.shift() ?? 0, stretch };
      const isTouched = seen === segment || seen === segment + 1;
      expect(await checkAnswer(challenge, answer, check), `SEED=${SEED}`).toBe(!isTouched);
    }
  }
});

test("of answers with half of the segments made up, four looks let one in sixteen pass", async () => {
  const challenge = { ...anyChallenge(), chains: 4, segments: 64, iterations: 1 };
  const answer = await answerTo(challenge);
  for (const [chain, bytes] of answer.chains.entries()) {
    // Every other segment ends with something made up, from which the next one goes on honestly.
    for (let segment = 0; segment < 64; segment += 2) {
      bytes.fill(segment + 1, segment * CHECKPOINT_BYTES, (segment + 1) * CHECKPOINT_BYTES);
      const made = bytes.subarray(segment * CHECKPOINT_BYTES, (segment + 1) * CHECKPOINT_BYTES);
      bytes.set(
        await stretch(made, segmentSalt(challenge, chain, segment + 1), 1),
        (segment + 1) * CHECKPOINT_BYTES,
      );
    }
  }
  let passed = 0;
  for (let round = 0; round < 1_600; round++)
    if (await checkAnswer(challenge, answer, { segments: 4, random, stretch })) passed += 1;
  expect(passed, `SEED=${SEED}`).toBeGreaterThan(50);
  expect(passed, `SEED=${SEED}`).toBeLessThan(170);
});

test("work done for one chain or one segment does not serve for another", async () => {
  const challenge = { ...anyChallenge(), chains: 3, segments: 6 };
  const answer = await answerTo(challenge);
  const [first] = answer.chains;
  if (!first) throw new Error("there are chains");
  const copied = { ...answer, chains: [first, first, first] };
  for (let segment = 0; segment < 6; segment++) {
    const draws = [0.5, (segment + 0.5) / 6];
    const check = { segments: 1, random: () => draws.shift() ?? 0, stretch };
    expect(await checkAnswer(challenge, copied, check)).toBe(false);
  }
});

test("an answer to another challenge, with too few chains or cut short is refused without any work", async () => {
  const challenge = { ...anyChallenge(), chains: 3, segments: 4 };
  const answer = await answerTo(challenge);
  const never = { segments: 4, random, stretch: () => Promise.reject(new Error("computed")) };
  const other = { ...answer, seed: renderHash(hashSha256(Uint8Array.of(1))) };
  const few = { ...answer, chains: answer.chains.slice(1) };
  const cut = { ...answer, chains: answer.chains.map((bytes) => bytes.subarray(CHECKPOINT_BYTES)) };
  for (const wrong of [other, few, cut]) expect(await checkAnswer(challenge, wrong, never)).toBe(false);
});

test("a machine is worth the cores that its speed comes to, and never more than were asked of it", () => {
  const challenge = makeChallenge(renderHash(hashSha256(Uint8Array.of(1))), 8);
  const work = challenge.chains * challenge.segments * challenge.iterations;
  const timeOf = (cores: number): number => (work / (cores * LIMITS.reference_core_iterations_per_s)) * 1_000;
  for (const cores of [1, 2, 5, 8])
    expect(rateAnswer(challenge, true, timeOf(cores), 7)).toMatchObject({ at_ms: 7, passed: true, cores });
  expect(rateAnswer(challenge, true, timeOf(100), 7).cores).toBe(8);
  expect(rateAnswer(challenge, true, 0, 7).cores).toBe(8);
});

test("an answer that is wrong or late makes a machine one core", () => {
  const challenge = makeChallenge(renderHash(hashSha256(Uint8Array.of(1))), 256);
  expect(rateAnswer(challenge, false, 100, 7)).toMatchObject({ passed: false, cores: 1 });
  const late_ms = LIMITS.challenge_answer_ms_max + 1;
  expect(rateAnswer(challenge, true, late_ms, 7)).toMatchObject({ passed: false, cores: 1 });
});

test("a liar who claims 4,096 cores is believed the two that it has; unmeasured it is believed four", () => {
  expect(believedCores(4_096, 2)).toBe(2);
  expect(believedCores(4_096, null)).toBe(4);
  expect(believedCores(1, 8)).toBe(1);
  expect(makeChallenge(renderHash(hashSha256(Uint8Array.of(1))), 4_096).chains).toBe(256);
});

test("speed is measured at once, daily, soon after a failure, and anew when more is claimed; it counts for a week", () => {
  const measured = { at_ms: 1_000, passed: true, chains: 8, iterations_per_s: 1, cores: 8 };
  expect(challengeDue(null, 8)).toBe(0);
  expect(challengeDue(measured, 8)).toBe(1_000 + LIMITS.challenge_every_ms);
  expect(challengeDue(measured, 4)).toBe(1_000 + LIMITS.challenge_every_ms);
  expect(challengeDue(measured, 9)).toBe(0);
  expect(challengeDue({ ...measured, passed: false }, 9)).toBe(1_000 + LIMITS.challenge_retry_ms);
  expect(measuredCores(measured, 999 + LIMITS.challenge_counts_ms)).toBe(8);
  expect(measuredCores(measured, 1_000 + LIMITS.challenge_counts_ms)).toBeNull();
});
