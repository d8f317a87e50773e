import { createHash, generateKeyPairSync } from "node:crypto";

const IDS = 20_000;
/** Of an id as libp2p spells it, before the 32 bytes of the key: an identity multihash of the key's protobuf. */
const ID_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);
const RAW_KEY_BYTES = 32;

/** How many ids one core makes in a second to find one near a key, with Node's own keys: dedicated code is some times faster. */
export function measureGrinding(): number {
  const before = process.cpuUsage();
  let nearest = 0xffffffff;
  for (let n = 0; n < IDS; n += 1) {
    const { publicKey } = generateKeyPairSync("ed25519");
    const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-RAW_KEY_BYTES);
    const place = createHash("sha256").update(ID_PREFIX).update(raw).digest().readUInt32BE();
    nearest = Math.min(nearest, place);
  }
  if (nearest === 0xffffffff) throw new Error("no id was made");
  const { user, system } = process.cpuUsage(before);
  return IDS / ((user + system) / 1e6);
}
