import { z } from "zod";
import { NetworkId, Signature } from "./commitment.ts";
import { canonicalBytes, Sha256 } from "./digest.ts";
import { LIMITS } from "./limits.ts";

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

/**
 * When an epoch's seed is published, in Unix ms: a tenth of it after its end, at most `epoch_reveal_ms_max`. A draw of the epoch
 * made before then was foreseen by nobody.
 */
export const seedPublishedFrom = ({ starts_ms, ends_ms }: Pick<Epoch, "starts_ms" | "ends_ms">): number =>
  ends_ms + Math.min(LIMITS.epoch_reveal_ms_max, (ends_ms - starts_ms) / 10);

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
