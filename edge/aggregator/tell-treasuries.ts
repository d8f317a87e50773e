import { listContradictions } from "@infernet/db/aggregator/contradictions";
import { contextOf } from "@infernet/protocol/contradiction-rules";
import { hashContext } from "@infernet/schemas/commitment";
import { renderHash } from "@infernet/schemas/hash";
import type { SlashEvidence } from "@infernet/schemas/slashing";
import { loadNetworkKey } from "../network/network-key.ts";
import { unwrap } from "../rpc.ts";
import { bondedUnits, treasuryOf } from "../treasury/treasury-of.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";

/** Gives the evidence against everybody who contradicted itself in a job to the treasuries of units that are staked. */
export async function tellTreasuries(ctx: AggregatorContext, { record, progress }: OpenJob): Promise<void> {
  const units = bondedUnits(ctx.env);
  if (units.length === 0) return;
  const { id: network } = await loadNetworkKey(ctx.env);
  const job = { network, job_id: record.id, model: record.model.digest };
  const facts = [...progress.contradictions.values(), ...listContradictions(ctx.db, record.id)];
  for (const fact of facts) {
    const context_sha256 = renderHash(hashContext(contextOf(fact, job)));
    const { runner: provider, first, second } = fact;
    const evidence: SlashEvidence = { provider, job_id: record.id, context_sha256, first, second };
    for (const unit of units) unwrap(await treasuryOf(ctx.env, unit).slash(evidence));
  }
}
