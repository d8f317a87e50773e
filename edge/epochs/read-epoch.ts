import type { Epoch } from "@infernet/schemas/epoch";
import { InfernetError } from "@infernet/schemas/errors";
import { renderInstant } from "@infernet/schemas/instant";
import { announceEpoch, type EpochEnv, epochAt, epochLength } from "./epochs.ts";

/** Epochs that are told before they begin. */
export const EPOCHS_AHEAD = 1;

/**
 * An epoch that is announced: the next one at most. One ahead is enough to show that no seed was chosen after the answers
 * it draws for, and leaves the deployment free to change its key. Throws `epoch_unannounced`.
 */
export async function readEpoch(env: EpochEnv, epoch: number, now_ms: number): Promise<Epoch> {
  const last = epochAt(env, now_ms) + EPOCHS_AHEAD;
  if (epoch <= last) return announceEpoch(env, epoch, now_ms);
  const at = (epoch - EPOCHS_AHEAD) * epochLength(env);
  const when = Number.isSafeInteger(at) && at < 8.64e15 ? ` It will be at ${renderInstant(at)}.` : "";
  throw new InfernetError(
    "epoch_unannounced",
    `Epoch ${epoch} is not announced yet; ${last} is the last.${when}`,
  );
}
