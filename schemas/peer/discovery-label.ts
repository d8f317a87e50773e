import { z } from "zod";
import { type Bytes, Sha256, sha256 } from "../digest.ts";
import { RunnerId } from "../ids.ts";
import type { Engine } from "../model.ts";
import type { Capability } from "../runner.ts";
import type { PeerRecord } from "./peer-record.ts";

/**
 * Names under which peers announce themselves in the DHT as providers. A peer's label for a class of machines is exact: who
 * looks for "at least" asks for every class from there up.
 */
export const DiscoveryLabel = z
  .string()
  .regex(
    /^infernet\/1\/(model\/[0-9a-f]{64}|class\/[a-z]+\/\d{1,4}|service\/[a-z]+)$/,
    "is not a label for discovery",
  )
  .brand<"DiscoveryLabel">();
export type DiscoveryLabel = z.infer<typeof DiscoveryLabel>;

/** Lower bounds of the classes of GPU memory, in GiB; the first is of machines without a GPU, or a small one. */
export const VRAM_CLASSES_GIB = [0, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 80, 96, 141, 192] as const;

const GIB = 1024 ** 3;
/** What a driver reports of a card is a little less than what stands on its box. */
const BOX_SHARE = 0.95;

/** Whether a card of so much memory is one that is sold with at least `gib`. */
export const hasVram = (vram_bytes: number, gib: number): boolean => vram_bytes >= gib * GIB * BOX_SHARE;

/** Memory of the largest of a machine's GPUs; 0 without one. */
export const vramOf = ({ gpus }: Capability): number =>
  Math.max(0, ...gpus.map(({ vram_bytes }) => vram_bytes));

/** The class of a machine, by the largest of its GPUs. */
export const vramClassOf = (vram_bytes: number): number =>
  VRAM_CLASSES_GIB.findLast((least) => hasVram(vram_bytes, least)) ?? 0;

export const modelLabel = (model: Sha256): DiscoveryLabel =>
  DiscoveryLabel.parse(`infernet/1/model/${Sha256.parse(model)}`);

/** @param engine `any`: of machines, whatever their engines */
export const classLabel = (engine: Engine | "any", vram_class: number): DiscoveryLabel =>
  DiscoveryLabel.parse(`infernet/1/class/${engine}/${vram_class}`);

export const serviceLabel = (service: PeerRecord["services"][number]): DiscoveryLabel =>
  DiscoveryLabel.parse(`infernet/1/service/${service}`);

/** Everything that a peer is to be found under. */
export function labelsOf({ capability, models, services }: PeerRecord): DiscoveryLabel[] {
  const vram_class = vramClassOf(vramOf(capability));
  const engines = capability.engines.map(({ engine }) => engine);
  return [
    ...new Set([
      classLabel("any", vram_class),
      ...engines.map((engine) => classLabel(engine, vram_class)),
      ...services.map(serviceLabel),
      ...models.map(modelLabel),
    ]),
  ];
}

/** The sha256 of the label's UTF-8, 32 bytes: the multihash digest of its CID (raw codec). */
export const labelDigest = (label: DiscoveryLabel): Promise<Sha256> =>
  sha256(new TextEncoder().encode(label));

const RECORD_PREFIX = "/infernet-peer/";

/** Under which a peer's own record lies in the DHT: UTF-8 of `/infernet-peer/<runner id>`. */
export const recordKey = (runner: RunnerId): Bytes => new TextEncoder().encode(RECORD_PREFIX + runner);

/** Whose record a key of the DHT asks for; null when it is not such a key. */
export function runnerOfRecordKey(key: Uint8Array): RunnerId | null {
  const text = new TextDecoder().decode(key);
  const runner = RunnerId.safeParse(text.slice(RECORD_PREFIX.length));
  return text.startsWith(RECORD_PREFIX) && runner.success ? runner.data : null;
}
