import { isSignedByNetwork } from "@infernet/schemas/ed25519";
import { type Epoch, epochStatement } from "@infernet/schemas/epoch";
import { hashSha256, parseHash, renderHash } from "@infernet/schemas/hash";
import type { Receipt, ReceiptEpoch } from "@infernet/schemas/receipt";
import type { Findings } from "./findings.ts";
import { isSame } from "./is-same.ts";

/**
 * Checks the announcements in a receipt and what was published since. Gives the seeds that have the announced hash, by
 * epoch. Published epochs that the receipt does not use are passed over.
 */
export async function checkEpochs(
  { network, epochs }: Receipt,
  published: readonly Epoch[],
  findings: Findings,
): Promise<Map<number, Uint8Array>> {
  const seeds = new Map<number, Uint8Array>();
  for (const announced of epochs) {
    const name = `epoch ${announced.epoch}`;
    const isSigned = await isSignedByNetwork(
      network,
      epochStatement({ network, ...announced }),
      announced.signature,
    );
    findings.add(isSigned ? "epochs_announced" : "epoch_unsigned", isSigned ? null : name);
    for (const given of published) {
      if (given.epoch !== announced.epoch) continue;
      if (given.network !== network) findings.add("epoch_foreign", `${name} of ${given.network}`);
      else if (!(await isAnnounced(given))) findings.add("epoch_unsigned", `${name}, as it was given`);
      else if (!isSame(withoutSeed(given), announced)) findings.add("epoch_contradicted", name);
      else if (given.seed !== null) {
        const seed = parseHash(given.seed);
        if (renderHash(hashSha256(seed)) === announced.seed_sha256) seeds.set(announced.epoch, seed);
        else findings.add("seed_wrong", name);
      }
    }
  }
  return seeds;
}

const isAnnounced = (epoch: Epoch): Promise<boolean> =>
  isSignedByNetwork(epoch.network, epochStatement(epoch), epoch.signature);

function withoutSeed({ epoch, starts_ms, ends_ms, seed_sha256, signature }: Epoch): ReceiptEpoch {
  return { epoch, starts_ms, ends_ms, seed_sha256, signature };
}
