import { z } from "zod";
import { NetworkId, Signature } from "./commitment.ts";
import { canonicalBytes, Sha256 } from "./digest.ts";

/**
 * A span of time whose draws come from one seed. The seed's sha256 is published before the epoch begins, the seed after
 * it has ended: so nobody can foresee a draw, and everybody can repeat it.
 */
export const Epoch = z
  .strictObject({
    network: NetworkId,
    epoch: z.int().min(0),
    starts_ms: z.int(),
    ends_ms: z.int(),
    seed_sha256: Sha256,
    /** 32 bytes as hexadecimal; null until the epoch has ended. */
    seed: Sha256.nullable(),
    /** Over `epochStatement`: two different ones for one epoch convict the aggregator. */
    signature: Signature,
  })
  .meta({ id: "Epoch" });
export type Epoch = z.infer<typeof Epoch>;

/** What the aggregator signs of an epoch, before it begins. */
export function epochStatement(epoch: Omit<Epoch, "seed" | "signature">): Uint8Array<ArrayBuffer> {
  const { network, starts_ms, ends_ms, seed_sha256 } = epoch;
  return canonicalBytes({
    type: "infernet.epoch.v1",
    network,
    epoch: epoch.epoch,
    starts_ms,
    ends_ms,
    seed_sha256,
  });
}
