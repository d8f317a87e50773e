import { type DiscoveryLabel, labelDigest } from "@infernet/schemas/peer/discovery-label";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { create } from "multiformats/hashes/digest";

/** sha2-256 in the multicodec table. */
const SHA2_256 = 0x12;

/** A label as the DHT names content: a CID (version 1, raw codec) of the sha256 of its text. */
export async function labelCid(label: DiscoveryLabel): Promise<CID> {
  return CID.createV1(raw.code, create(SHA2_256, Buffer.from(await labelDigest(label), "hex")));
}
