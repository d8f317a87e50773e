import { base64urlnopad } from "@scure/base";
import { NetworkId, renderSignature } from "../commitment.ts";
import { type Epoch, epochStatement } from "../epoch.ts";
import { hashSha256, renderHash } from "../hash.ts";
import { publicKeyOf } from "../ids.ts";
import type { Receipt, ReceiptEpoch, SignedReceipt } from "../receipt.ts";
import { signReceipt } from "../receipt-signature.ts";
import { createTestSigner } from "./sign-commitment.ts";

export const TEST_EPOCH_MS = 600_000;

/** A network of a test: what it signs, and its seeds. */
export interface TestNetwork {
  id: NetworkId;
  /** 32 bytes. */
  seedOf(epoch: number): Uint8Array;
  announce(epoch: number, changes?: Partial<ReceiptEpoch>): Promise<ReceiptEpoch>;
  /** The same when it is over, with its seed. */
  publish(epoch: number): Promise<Epoch>;
  sign(receipt: Receipt): Promise<SignedReceipt>;
}

/** @param n names the network: its key is this byte, repeated */
export async function createTestNetwork(n = 200): Promise<TestNetwork> {
  const { id: signer, key } = await createTestSigner(n);
  const id = NetworkId.parse(`net_${base64urlnopad.encode(publicKeyOf(signer))}`);
  const seedOf = (epoch: number): Uint8Array =>
    hashSha256(new TextEncoder().encode(`seed of epoch ${epoch} of network ${n}`));
  const announce: TestNetwork["announce"] = async (epoch, changes = {}) => {
    const announced = {
      epoch,
      starts_ms: epoch * TEST_EPOCH_MS,
      ends_ms: (epoch + 1) * TEST_EPOCH_MS,
      seed_sha256: renderHash(hashSha256(seedOf(epoch))),
      ...changes,
    };
    const statement = epochStatement({ network: id, ...announced });
    const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key, statement));
    return { ...announced, signature: renderSignature(signature) };
  };
  return {
    id,
    seedOf,
    announce,
    publish: async (epoch) => ({ network: id, ...(await announce(epoch)), seed: renderHash(seedOf(epoch)) }),
    sign: (receipt) => signReceipt(receipt, key),
  };
}
