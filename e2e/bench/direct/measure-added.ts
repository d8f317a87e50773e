import type { Tensor } from "@infernet/schemas/tensor";
import { createIdentity } from "infernet-runner/identity/identity";
import { callProvider } from "infernet-runner/p2p/jobs/call-provider";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import { GLYPH_BYTES, glyphImages, imageShape } from "../../fixtures/glyphs-model.ts";
import type { BenchContext } from "../bench-part.ts";
import type { BenchProvider } from "./open-provider.ts";

const PAIRS_WARM = 20;
const PAIRS = 200;
const NEVER = new AbortController().signal;

/** Milliseconds of each pair. */
export interface AddedTimes {
  rows: number;
  local_ms: number[];
  direct_ms: number[];
}

/**
 * The same rows by turns through the engine alone and as a direct job on a connection that stands: client, provider and the other
 * way share one process, so that all of a job's work on both sides is in its time.
 */
export async function measureAdded(
  { cleanup }: BenchContext,
  { node, pool, model, manifest }: BenchProvider,
  rows: number,
): Promise<AddedTimes> {
  const identity = createIdentity();
  const client = await createPeerNode({ identity, listen: [], bootstrap: node.addresses });
  cleanup.add(() => client.stop());
  const line = callProvider(client, { identity, provider: node.id, addresses: node.addresses });
  const times: AddedTimes = { rows, local_ms: [], direct_ms: [] };

  const local = (input: Tensor): Promise<unknown> =>
    pool.use(model, NEVER, async (loaded) => {
      if (!("session" in loaded)) throw new Error("glyphs generates no text");
      return loaded.session.run([input], rows, { timeout_ms: 60_000, signal: NEVER });
    });
  const direct = async (input: Tensor): Promise<unknown> => {
    const job = { model, manifest, inputs: [input], price_micro_max: "0" };
    return line.ask(await line.offer(job), job, NEVER);
  };
  for (let pair = 0; pair < PAIRS_WARM + PAIRS; pair += 1) {
    const input = imagesOf(pair, rows);
    const local_ms = await timeOf(() => local(input));
    const direct_ms = await timeOf(() => direct(input));
    if (pair < PAIRS_WARM) continue;
    times.local_ms.push(local_ms);
    times.direct_ms.push(direct_ms);
  }
  await line.close();
  await client.stop();
  return times;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const images = glyphImages();

function imagesOf(pair: number, rows: number): Tensor {
  const start = (pair * rows * GLYPH_BYTES) % (images.length - rows * GLYPH_BYTES);
  const data = images.slice(start, start + rows * GLYPH_BYTES);
  return { name: "images", datatype: "UINT8", shape: imageShape(data), data };
}
