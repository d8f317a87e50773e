import { decodeCursor, encodeCursor } from "@infernet/db/cursor";
import type { Epoch } from "@infernet/schemas/epoch";
import type { Page, PageQuery } from "@infernet/schemas/page";
import { z } from "zod";
import { announceEpoch, type EpochEnv, epochAt } from "./epochs.ts";
import { EPOCHS_AHEAD } from "./read-epoch.ts";

/** The last epoch of the page before. */
const Place = z.int().min(0);

/** Epochs from the next one back. Throws `request_invalid` on a cursor of another list. */
export async function listEpochs(
  env: EpochEnv,
  { limit, cursor }: PageQuery,
  now_ms: number,
): Promise<Page<Epoch>> {
  const announced = epochAt(env, now_ms) + EPOCHS_AHEAD;
  const before = decodeCursor(Place, cursor) ?? announced + 1;
  const newest = Math.min(before - 1, announced);
  const count = Math.min(limit, newest + 1);
  const epochs = Array.from({ length: count }, (_, n) => newest - n);
  const last = epochs.at(-1);
  return {
    data: await Promise.all(epochs.map((epoch) => announceEpoch(env, epoch, now_ms))),
    next_cursor: last === undefined || last === 0 ? null : encodeCursor(last),
  };
}
