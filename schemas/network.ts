import { z } from "zod";
import { NetworkId } from "./commitment.ts";

/** What somebody must know of this network to check what it says. */
export const Network = z
  .strictObject({
    object: z.literal("network"),
    /** Its Ed25519 public key: receipts and epochs are signed with it, and commitments are made for it. */
    network: NetworkId,
    version: z.string(),
    now_ms: z.int(),
    /** How long draws are made from one seed. */
    epoch_ms: z.int(),
    /** The epoch that draws are made in now. */
    epoch: z.int(),
    /** How long results can be recalled and earnings are held. */
    hold_ms: z.int(),
  })
  .meta({ id: "Network" });
export type Network = z.infer<typeof Network>;
