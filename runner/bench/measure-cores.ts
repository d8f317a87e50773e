import { randomBytes } from "node:crypto";
import { makeChallenge } from "@infernet/protocol/challenge/make-challenge";
import { rateAnswer } from "@infernet/protocol/challenge/rate-answer";
import type { MeasuredSpeed } from "@infernet/schemas/challenge";
import { Sha256 } from "@infernet/schemas/digest";
import { workChallenge } from "../hardware/challenge/work-challenge.ts";

/** Works a challenge such as the edge's, which is what it would take this machine for. */
export async function measureCores(cores: number, signal: AbortSignal): Promise<MeasuredSpeed> {
  const challenge = makeChallenge(Sha256.parse(randomBytes(32).toString("hex")), cores);
  const started_ms = performance.now();
  await workChallenge(challenge, signal);
  return rateAnswer(challenge, true, performance.now() - started_ms, Date.now());
}
