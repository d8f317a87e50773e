import { type Bytes, sha256 } from "@infernet/schemas/digest";
import { type Epoch, epochStatement, seedPublishedFrom } from "@infernet/schemas/epoch";
import { hmacSha256, renderHash } from "@infernet/schemas/hash";
import { LIMITS } from "@infernet/schemas/limits";
import { loadNetworkKey, signStatement } from "../network/network-key.ts";

export type EpochEnv = Pick<Env, "NETWORK_PRIVATE_KEY" | "EPOCH_MS">;

/** How long an epoch lasts in this deployment, in ms. Epochs are counted from 1970: changing it begins other epochs. */
export function epochLength(env: Pick<Env, "EPOCH_MS">): number {
  return Math.max(LIMITS.epoch_ms_min, Number(env.EPOCH_MS) || LIMITS.epoch_ms_default);
}

export const epochAt = (env: Pick<Env, "EPOCH_MS">, unix_ms: number): number =>
  Math.floor(unix_ms / epochLength(env));

/** The seed of an epoch: 32 bytes that follow from the deployment's secret, so that nothing has to be stored. */
export async function seedOf(env: EpochEnv, epoch: number): Promise<Bytes> {
  const master = await (await loadNetworkKey(env)).derive("epochs");
  return new Uint8Array(hmacSha256(master, new TextEncoder().encode(`${epochLength(env)} ${epoch}`)));
}

/** What everybody may know of an epoch now: the seed's hash always, the seed once it is over everywhere. */
export async function announceEpoch(env: EpochEnv, epoch: number, now_ms: number): Promise<Epoch> {
  const key = await loadNetworkKey(env);
  const seed = await seedOf(env, epoch);
  const length_ms = epochLength(env);
  const announced = {
    network: key.id,
    epoch,
    starts_ms: epoch * length_ms,
    ends_ms: (epoch + 1) * length_ms,
    seed_sha256: await sha256(seed),
  };
  return {
    ...announced,
    seed: now_ms >= seedPublishedFrom(announced) ? renderHash(seed) : null,
    signature: await signStatement(key, epochStatement(announced)),
  };
}
