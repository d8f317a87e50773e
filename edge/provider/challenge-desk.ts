import { challengeDue } from "@infernet/protocol/challenge/challenge-due";
import { checkAnswer } from "@infernet/protocol/challenge/check-answer";
import { makeChallenge } from "@infernet/protocol/challenge/make-challenge";
import { rateAnswer } from "@infernet/protocol/challenge/rate-answer";
import type { Challenge, ChallengeAnswer, ChallengeOffer, MeasuredSpeed } from "@infernet/schemas/challenge";
import { InfernetError } from "@infernet/schemas/errors";
import { renderHash } from "@infernet/schemas/hash";
import { LIMITS } from "@infernet/schemas/limits";
import { randomShare } from "../random-share.ts";
import { stretch } from "./stretch.ts";

/**
 * The challenge that one runner has in hand. It lives in memory: one that is lost is as one that was not answered, and
 * says nothing of the runner.
 */
export class ChallengeDesk {
  #out: { challenge: Challenge; handed_ms: number } | null = null;
  #handed_ms = Number.NEGATIVE_INFINITY;

  /** Hands a challenge out where one is due, and says when to ask again. */
  hand(claimedCores: number, measured: MeasuredSpeed | null, now_ms: number): ChallengeOffer {
    const paused_ms = this.#handed_ms + LIMITS.challenge_pause_ms;
    const due_ms = Math.max(challengeDue(measured, claimedCores), paused_ms);
    if (due_ms > now_ms) return { challenge: null, next_ms: Math.ceil(due_ms - now_ms) };
    const seed = renderHash(crypto.getRandomValues(new Uint8Array(32)));
    const challenge = makeChallenge(seed, claimedCores);
    this.#out = { challenge, handed_ms: now_ms };
    this.#handed_ms = now_ms;
    return { challenge, next_ms: LIMITS.challenge_every_ms };
  }

  /** Takes the answer, once. Throws `challenge_gone` when it is to nothing that is out. */
  async rate(answer: ChallengeAnswer, now_ms: number): Promise<MeasuredSpeed> {
    const out = this.#out;
    if (out === null || out.challenge.seed !== answer.seed)
      throw new InfernetError("challenge_gone", `no challenge with the seed ${answer.seed} is out`);
    this.#out = null;
    const isRight = await checkAnswer(out.challenge, answer, {
      segments: LIMITS.challenge_segments_checked,
      random: randomShare,
      stretch,
    });
    return rateAnswer(out.challenge, isRight, now_ms - out.handed_ms, now_ms);
  }
}
