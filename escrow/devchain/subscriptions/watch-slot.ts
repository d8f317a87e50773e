import type { CreateWatcher } from "./watcher.ts";

/** Tells each slot as it begins; slots that were warped over are not told. */
export const watchSlot: CreateWatcher = ({ chain }, _params, { notify }) => ({
  slot: (slot) => notify({ slot, parent: slot - 1, root: chain.slotAt("finalized") }),
});
