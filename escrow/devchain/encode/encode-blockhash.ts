import { blockHeightAt } from "../chain/block-height.ts";
import type { Chain } from "../chain/chain.ts";

/** The blockhash of a slot, and the block height up to which a transaction may name it. */
export const encodeBlockhash = ({ blockhashes }: Chain, slot: number): object => ({
  blockhash: blockhashes.at(slot),
  lastValidBlockHeight: blockHeightAt(slot) + blockhashes.valid_slots,
});
