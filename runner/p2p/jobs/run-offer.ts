import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import { generatesText } from "@infernet/schemas/model";
import { type DirectOffer, leaseOfOffer, networkOfClient } from "@infernet/schemas/peer/direct-offer";
import { DirectRefused } from "@infernet/schemas/peer/direct-refusal";
import type { Tensor } from "@infernet/schemas/tensor";
import type { Identity } from "../../identity/identity.ts";
import { type Commitment, commitShard } from "../../work/commit-shard.ts";
import { generateRows } from "../../work/generate-rows.ts";
import { type RowsRun, runRows } from "../../work/run-rows.ts";
import type { ModelUser } from "../../work/session-pool.ts";
import { createBlockSigner } from "../../work/sign-blocks.ts";

export interface RunOfferDeps {
  identity: Identity;
  pool: ModelUser;
  now(): number;
}

export interface OfferRun extends Pick<RowsRun, "outputs" | "execution_class" | "compute_ms"> {
  commitment: Commitment;
}

/**
 * The rows of a direct job, computed as those of a lease are: in the runner's own pool, in their turn beside its other work.
 * Rejects with what the engine fails with, and with `DirectRefused` when the outputs are too large to be sent.
 */
export async function runOffer(
  deps: RunOfferDeps,
  offer: DirectOffer,
  manifest: ModelManifest,
  inputs: Tensor[],
  signal: AbortSignal,
): Promise<OfferRun> {
  const { identity, pool, now } = deps;
  const lease = { ...leaseOfOffer(offer), inputs };
  const committer = { network: networkOfClient(offer.client), identity };
  const run = generatesText(manifest)
    ? await generateRows({ ...lease, generation: WHOLE }, inputs, signal, {
        pool,
        edgeNow: now,
        stream: null,
        signBlocks: (execution_class) => createBlockSigner(committer, lease, execution_class),
        onRunning: () => undefined,
        onRow: () => undefined,
        onNote: () => undefined,
      })
    : await runRows({ pool, edgeNow: now }, lease, inputs, signal, () => undefined);
  const { outputs, execution_class, compute_ms } = run;
  const bytes = outputs.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > LIMITS.direct_bytes_max)
    throw new DirectRefused(
      "too_large",
      `the outputs have ${bytes} bytes; a direct job has at most ${LIMITS.direct_bytes_max}`,
    );
  const commitment = commitShard(committer, lease, execution_class, outputs);
  return { outputs, execution_class, compute_ms, commitment };
}

/** Completions are made as wholes: whoever wants them token by token asks an edge. */
const WHOLE = { task: "generate", stream: false, given: null } as const;
