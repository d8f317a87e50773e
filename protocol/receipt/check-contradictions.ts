import { commitmentStatement } from "@infernet/schemas/commitment";
import { isSignedByRunner } from "@infernet/schemas/ed25519";
import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { CommittedResult, ContradictedFact } from "@infernet/schemas/job-fact";
import type { Receipt } from "@infernet/schemas/receipt";
import { contextOf } from "../contradiction-rules.ts";
import type { CheckContext } from "./check-context.ts";

/** What was handed in under a lease, and by whom. */
interface HandedIn {
  runner: RunnerId;
  result: CommittedResult;
}

/** Whether everybody who is said to contradict itself signed both statements, and answered with the first of them. */
export async function checkContradictions({ receipt, findings }: CheckContext): Promise<void> {
  const handedIn = new Map<LeaseId, HandedIn>();
  for (const { fact } of receipt.log) {
    if (fact.kind === "committed")
      for (const result of fact.results) handedIn.set(result.lease_id, { runner: fact.runner, result });
    if (fact.kind !== "contradicted") continue;
    const isTold = isFirst(fact, handedIn.get(fact.lease_id));
    const isProven = isTold && (await areSigned(receipt, fact));
    const place = `shard ${fact.shard}, ${fact.lease_id} of ${fact.runner}`;
    findings.add(isProven ? "contradiction_proven" : "contradiction_wrong", place);
  }
}

function isFirst(fact: ContradictedFact, before: HandedIn | undefined): boolean {
  if (before === undefined || before.runner !== fact.runner) return false;
  const { result } = before;
  const { first } = fact;
  return (
    result.shard === fact.shard &&
    result.rows === fact.rows &&
    result.leaf_rows === fact.leaf_rows &&
    result.execution_class === fact.execution_class &&
    result.root === first.root &&
    result.signature === first.signature
  );
}

async function areSigned({ network, job }: Receipt, fact: ContradictedFact): Promise<boolean> {
  const { first, second } = fact;
  if (first.root === second.root) return false;
  const context = contextOf(fact, { network, job_id: job.id, model: job.model });
  for (const { root, signature } of [first, second])
    if (!(await isSignedByRunner(fact.runner, commitmentStatement(context, root), signature))) return false;
  return true;
}
