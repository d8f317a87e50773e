import { setTimeout as sleep } from "node:timers/promises";
import type { Challenge, ChallengeAnswer } from "@infernet/schemas/challenge";
import { LIMITS } from "@infernet/schemas/limits";
import type { EdgeClient } from "../../transport/edge-client.ts";
import { EdgeRefusal } from "../../transport/edge-error.ts";
import type { Log } from "../../work/runner-event.ts";

export interface ChallengeRoundsOptions {
  client: Pick<EdgeClient, "challenge" | "answerChallenge">;
  work(challenge: Challenge, signal: AbortSignal): Promise<ChallengeAnswer>;
  log: Log;
  signal: AbortSignal;
}

/** Node takes a longer pause for none. */
const SLEEP_MS_MAX = 2 ** 31 - 1;

/**
 * Lets the edge measure this machine, at once and whenever it wants to again, until the signal ends it. Nothing else of
 * the runner waits for it: whoever is not measured is only taken for little.
 */
export async function answerChallenges(options: ChallengeRoundsOptions): Promise<void> {
  const { signal } = options;
  try {
    for (;;) {
      const pause_ms = await playRound(options);
      if (pause_ms === null) return;
      await sleep(Math.min(pause_ms, SLEEP_MS_MAX), undefined, { signal, ref: false });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** @returns when to ask again; null where the edge has no such thing, or wants nothing of this runner any more */
async function playRound(options: ChallengeRoundsOptions): Promise<number | null> {
  const { client, work, log, signal } = options;
  try {
    const { challenge, next_ms } = await client.challenge(signal);
    if (challenge === null) return next_ms;
    const answer = await work(challenge, signal);
    const { cores, passed } = await client.answerChallenge(answer, signal);
    log({ event: "speed.measured", cores, of: challenge.chains, passed });
    return passed ? next_ms : LIMITS.challenge_retry_ms;
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof EdgeRefusal && (error.status === 404 || error.code === "provider_banned"))
      return null;
    return LIMITS.challenge_pause_ms;
  }
}
