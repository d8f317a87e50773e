import { openDirectClient } from "infernet-runner/direct/open-direct-client";
import { createIdentity } from "infernet-runner/identity/identity";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import { GLYPH_BYTES, glyphImages, imageShape } from "../../fixtures/glyphs-model.ts";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { BenchContext } from "../bench-part.ts";
import { type BenchProvider, LOOPBACK } from "./open-provider.ts";

export const NEIGHBOURS = 12;
const ROUNDS = 15;
const PATIENCE_MS = 30_000;

/** Peers that do nothing but stand in the DHT; the first is where the others begin. */
export async function openNeighbours({ cleanup }: BenchContext): Promise<string[]> {
  let bootstrap: string[] = [];
  for (let n = 0; n < NEIGHBOURS; n += 1) {
    const node = await createPeerNode({ identity: createIdentity(), listen: LOOPBACK, bootstrap });
    cleanup.add(() => node.stop());
    if (n === 0) bootstrap = node.addresses;
  }
  return bootstrap;
}

/**
 * Milliseconds from nothing to the answer: a client with a new key and no connection opens its node, finds a peer that has the model
 * by the DHT, reaches it, asks it for the manifest, and has one row done.
 */
export async function measureContact(
  { cleanup }: BenchContext,
  { model }: BenchProvider,
  bootstrap: string[],
): Promise<number[]> {
  const data = glyphImages().slice(0, GLYPH_BYTES);
  const inputs = [{ name: "images", datatype: "UINT8" as const, shape: imageShape(data), data }];
  const sample: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const folder = createTempFolder();
    cleanup.add(folder.remove);
    const started = performance.now();
    const client = await openDirectClient({
      ...{ home: folder.path, edge: null, bootstrap, isLocal: false, target: null, payment: null },
    });
    await client.run(
      { model, manifest: null, inputsOf: () => inputs, price_micro_max: "0", patience_ms: PATIENCE_MS },
      AbortSignal.timeout(PATIENCE_MS),
    );
    sample.push(performance.now() - started);
    await client.close();
  }
  return sample;
}
