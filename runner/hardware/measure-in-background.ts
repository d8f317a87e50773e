import type { EdgeClient } from "../transport/edge-client.ts";
import type { Log } from "../work/runner-event.ts";
import { answerChallenges } from "./challenge/challenge-rounds.ts";
import { workChallenge } from "./challenge/work-challenge.ts";
import { keepBandwidth } from "./network/keep-bandwidth.ts";

/** What is measured of this machine beside its work, until the signal ends it: its speed by the edge, the way there by itself. */
export async function measureInBackground(options: {
  client: EdgeClient;
  home: string;
  edge: string;
  log: Log;
  signal: AbortSignal;
}): Promise<void> {
  const { client, log, signal } = options;
  const challenges = answerChallenges({ client, work: workChallenge, log, signal });
  await Promise.all([challenges, keepBandwidth(options)]);
}
