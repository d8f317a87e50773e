import { blockHeightAt } from "../chain/block-height.ts";
import { encodeBlockhash } from "../encode/encode-blockhash.ts";
import type { Methods } from "../rpc/method.ts";
import { parseBase58, parseCommitmentConfig, parseInteger } from "../rpc/params.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { viewAt } from "./slot-view.ts";

const SLOTS_PER_EPOCH = 432_000;

export const BLOCK_METHODS: Methods = {
  getSlot: ({ chain }, [options]) => chain.slotAt(parseCommitmentConfig(options)),

  getBlockHeight: ({ chain }, [options]) => blockHeightAt(chain.slotAt(parseCommitmentConfig(options))),

  getLatestBlockhash: (context, [options]) => {
    const commitment = parseCommitmentConfig(options);
    const blockhash = encodeBlockhash(context.chain, context.chain.slotAt(commitment));
    return viewAt(context, commitment).withContext(blockhash);
  },

  isBlockhashValid: (context, [hash, options]) => {
    const view = viewAt(context, parseCommitmentConfig(options));
    return view.withContext(context.chain.isBlockhashValid(parseBase58(hash, "the blockhash", 32)));
  },

  getEpochInfo: ({ chain }, [options]) => {
    const slot = chain.slotAt(parseCommitmentConfig(options));
    return {
      absoluteSlot: slot,
      blockHeight: blockHeightAt(slot),
      epoch: Math.floor(slot / SLOTS_PER_EPOCH),
      slotIndex: slot % SLOTS_PER_EPOCH,
      slotsInEpoch: SLOTS_PER_EPOCH,
      transactionCount: chain.ledger.size,
    };
  },

  getBlockTime: ({ chain }, [value]) => {
    const slot = parseInteger(value, "the slot");
    if (slot <= chain.slot) return chain.clock.unix_s(slot);
    throw new RpcError("block_not_available", `Block not available for slot ${slot}`);
  },
};
