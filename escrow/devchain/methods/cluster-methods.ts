import type { Methods } from "../rpc/method.ts";
import { API_VERSION } from "./slot-view.ts";

export const CLUSTER_METHODS: Methods = {
  getHealth: () => "ok",
  getVersion: () => ({ "solana-core": `${API_VERSION}-devchain`, "feature-set": 0 }),
  getGenesisHash: ({ genesis_hash }) => genesis_hash,
};
