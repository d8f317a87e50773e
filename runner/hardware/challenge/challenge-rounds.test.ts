import { pbkdf2Sync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { checkAnswer } from "@infernet/protocol/challenge/check-answer";
import { makeChallenge } from "@infernet/protocol/challenge/make-challenge";
import { Challenge } from "@infernet/schemas/challenge";
import { Sha256 } from "@infernet/schemas/digest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { EdgeRefusal, EdgeUnreachable } from "../../transport/edge-error.ts";
import { MemoryEdge } from "../../transport/memory-edge.ts";
import type { RunnerEvent } from "../../work/runner-event.ts";
import { answerChallenges } from "./challenge-rounds.ts";
import { workChallenge } from "./work-challenge.ts";

const Vectors = z.array(z.looseObject({ value: z.looseObject({ chains: z.unknown() }) }));
const SEED = Sha256.parse("5".repeat(64));
const challenge: Challenge = { seed: SEED, chains: 5, segments: 3, iterations: 10 };
const right = {
  segments: 20,
  random: Math.random,
  stretch: async (password: Uint8Array, salt: Uint8Array, iterations: number) =>
    pbkdf2Sync(password, salt, iterations, 32, "sha256"),
};

let edge: MemoryEdge;
let stopping: AbortController;
let events: RunnerEvent[];
let ended: Promise<void>;

beforeEach(() => {
  edge = new MemoryEdge();
  stopping = new AbortController();
  events = [];
});
afterEach(async () => {
  stopping.abort();
  await ended;
});

function start(): void {
  const { signal } = stopping;
  const log = (event: RunnerEvent): void => void events.push(event);
  ended = answerChallenges({ client: edge, work: workChallenge, log, signal });
}

test("a challenge is worked in another process, and the answer is right in every chain", async () => {
  edge.challenges.push(challenge);
  start();
  await vi.waitFor(() => expect(edge.challengeAnswers).toHaveLength(1), 5_000);
  const [answer] = edge.challengeAnswers;
  if (!answer) throw new Error("there is an answer");
  expect(await checkAnswer(challenge, answer, right)).toBe(true);
  await vi.waitFor(() =>
    expect(events).toEqual([{ event: "speed.measured", cores: 5, of: 5, passed: true }]),
  );
});

test("the vector for other languages is what this program answers", async () => {
  const vectors = new URL("../../../schemas/vectors/challenge.valid.json", import.meta.url);
  const [of, answered] = Vectors.parse(JSON.parse(await readFile(vectors, "utf8"))).map(({ value }) => value);
  const { chains } = await workChallenge(Challenge.parse(of), stopping.signal);
  ended = Promise.resolve();
  expect(chains.map((bytes) => ({ hex: Buffer.from(bytes).toString("hex") }))).toEqual(answered?.chains);
});

test("the work stops with the runner, and its process with it", async () => {
  const endless = makeChallenge(SEED, 4);
  const working = workChallenge({ ...endless, segments: 128, iterations: 100_000 }, stopping.signal);
  ended = Promise.resolve();
  stopping.abort(new Error("the runner stops"));
  await expect(working).rejects.toThrow("the runner stops");
});

test("an answer that got lost on its way is not sent twice: its time would no longer be this machine's", async () => {
  const asked = vi.spyOn(edge, "challenge");
  edge.challenges.push(challenge);
  edge.intercept("answerChallenge", async (proceed) => {
    await proceed();
    throw new EdgeUnreachable("the line is cut");
  });
  start();
  await vi.waitFor(() => expect(edge.challengeAnswers).toHaveLength(1), 5_000);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(events).toEqual([]);
});

test("an edge that knows no challenges is not asked again", async () => {
  edge.intercept("challenge", () =>
    Promise.reject(new EdgeRefusal("POST /runner/challenge: 404", 404, "not_found")),
  );
  start();
  await ended;
  expect(edge.challengeAnswers).toEqual([]);
});
