import type { KeyGrant } from "@infernet/schemas/encryption";
import { formatLeaseId, partitionOf, type RunnerId } from "@infernet/schemas/ids";
import type { JobState } from "@infernet/schemas/job";
import type {
  ContradictedFact,
  DrawnFact,
  JobFact,
  LeasedFact,
  ReturnedFact,
} from "@infernet/schemas/job-fact";
import { foldCommitted } from "./apply-committed.ts";
import { foldDraws, foldRosters, skipCheck } from "./apply-draws.ts";
import { eject, foldVerdict, reopenShard } from "./apply-verdict.ts";
import { Draft } from "./draft.ts";
import { type HeldLease, isFinal, isOpen, type JobProgress, type ShardProgress } from "./job-progress.ts";
import { rowsHandedIn } from "./rows-handed-in.ts";

/**
 * Folds one fact into a job's progress. Facts come in order, and a job that is over takes none but those of a recall:
 * anything else is a defect of the caller, told as an Error that names the state.
 */
export function applyFact(progress: JobProgress, fact: JobFact, seq: number, at_ms: number): JobProgress {
  const draft = new Draft(progress);
  applyFactTo(draft, fact, seq, at_ms);
  return draft.progress;
}
export function applyFactTo(draft: Draft, fact: JobFact, seq: number, at_ms: number): void {
  const { now } = draft;
  if (seq !== now.seq + 1) throw new Error(`fact ${seq} cannot follow fact ${now.seq}`);
  if (!takes(now, fact)) throw new Error(`a job that is ${now.state} takes no fact "${fact.kind}"`);
  draft.set({ seq });
  foldFact(draft, fact, at_ms);
}

function foldFact(draft: Draft, fact: JobFact, at_ms: number): void {
  switch (fact.kind) {
    case "leased":
      foldLeased(draft, fact, at_ms);
      enter(draft, "running", at_ms);
      return;
    case "committed":
      foldCommitted(draft, fact, draft.now.seq, at_ms);
      if (draft.now.index.unanswered === 0) enter(draft, "verifying", at_ms);
      return;
    case "drawn":
      foldDrawn(draft, fact, at_ms);
      return;
    case "returned":
      foldReturned(draft, fact, at_ms);
      return;
    case "restarted":
      foldRestarted(draft, fact.shards);
      return;
    case "succeeded":
      end(draft, "succeeded", at_ms);
      countUsed(draft);
      deliver(draft);
      draft.set({ result: fact.result });
      return;
    case "failed":
      end(draft, "failed", at_ms);
      draft.set({ error: fact.error });
      return;
    case "canceled":
      end(draft, "canceled", at_ms);
      draft.set({ begun: fact.begun ?? [] });
      countUsed(draft);
      return;
    case "expired":
      end(draft, "expired", at_ms);
      if (fact.delivered !== undefined) {
        draft.set({ begun: fact.delivered.begun });
        countUsed(draft);
      }
      draft.set({ error: fact.error });
      return;
    case "recalled": {
      const { shards = [], refund_micro = "0" } = draft.now.recall ?? {};
      draft.set({ recall: { state: "checking", shards, refund_micro, since_ms: at_ms } });
      eject(draft, fact.runner);
      if (fact.thorough) reopenAll(draft, fact.runner);
      return;
    }
    case "contradicted":
      foldContradicted(draft, fact);
      return;
    case "key_granted":
      foldKeys(draft, fact.grants);
      return;
    case "upheld":
    case "revoked":
      endRecall(draft, fact);
      return;
    default:
      fact satisfies never;
  }
}

function takes(progress: JobProgress, fact: JobFact): boolean {
  switch (fact.kind) {
    case "recalled":
      return progress.state === "succeeded";
    case "upheld":
    case "revoked":
      return progress.recall?.state === "checking";
    case "key_granted":
      return isOpen(progress) && progress.keys !== null;
    case "contradicted":
      return isOpen(progress) && !progress.contradictions.has(fact.runner);
    case "succeeded":
    case "failed":
    case "canceled":
    case "expired":
      return !isFinal(progress.state);
    default:
      return isOpen(progress);
  }
}

const ORDER: Readonly<Record<JobState, number>> = {
  queued: 0,
  running: 1,
  verifying: 2,
  succeeded: 3,
  failed: 3,
  canceled: 3,
  expired: 3,
};

/** States only move forward; entering an earlier one changes nothing. */
function enter(draft: Draft, state: JobState, at_ms: number): void {
  const { now } = draft;
  if (ORDER[state] <= ORDER[now.state]) return;
  draft.set({ state, timestamps: { ...now.timestamps, [state]: at_ms } });
}

/** With the job end its leases. */
function end(draft: Draft, state: JobState, at_ms: number): void {
  dropWork(draft);
  enter(draft, state, at_ms);
}

/** Nobody works on any shard any more. */
function dropWork(draft: Draft): void {
  for (const [index, shard] of draft.now.shards.entries()) {
    const isIdle = shard.leases.length === 0 && !shard.checks.some((check) => skipCheck(check) !== check);
    if (!isIdle) draft.setShard(index, { ...shard, leases: [], checks: shard.checks.map(skipCheck) });
  }
}

function countUsed(draft: Draft): void {
  const rows_used = [...rowsHandedIn(draft.now).values()].reduce((sum, rows) => sum + rows, 0);
  draft.set({ rows_used });
}

function deliver(draft: Draft): void {
  for (const [index, shard] of draft.now.shards.entries())
    draft.setShard(index, { ...shard, delivered: shard.answer, differs: false });
}

/** Nothing that it said stands: who signs two answers to one lease may have signed anything. */
function foldContradicted(draft: Draft, fact: ContradictedFact): void {
  const { contradictions, state } = draft.now;
  draft.set({ contradictions: new Map(contradictions).set(fact.runner, fact) });
  eject(draft, fact.runner);
  if (isFinal(state)) reopenAll(draft, fact.runner);
}

function foldKeys(draft: Draft, grants: readonly KeyGrant[]): void {
  const keys = new Map(draft.now.keys);
  for (const grant of grants) keys.set(grant.provider, grant);
  draft.set({ keys, keys_granted: draft.now.keys_granted + grants.length });
}

/** Everything that a provider delivered is to be computed anew. */
function reopenAll(draft: Draft, runner: RunnerId): void {
  for (const index of draft.now.shards.keys())
    if (draft.shard(index).answer?.runner === runner) reopenShard(draft, index, "recalled");
}

function endRecall(draft: Draft, fact: Extract<JobFact, { kind: "upheld" | "revoked" }>): void {
  const before = draft.now.recall;
  if (before === null) return;
  dropWork(draft);
  deliver(draft);
  if (fact.kind === "upheld") {
    // A result that was corrected once stays so, whatever a later recall finds right.
    const state = before.shards.length > 0 ? "revoked" : "upheld";
    draft.set({ recall: { ...before, state } });
    return;
  }
  const refund_micro = (BigInt(before.refund_micro) + BigInt(fact.refund_micro)).toString();
  const shards = [...new Set([...before.shards, ...fact.shards])].sort((a, b) => a - b);
  draft.set({ result: fact.result, recall: { ...before, state: "revoked", shards, refund_micro } });
}

function foldLeased(draft: Draft, fact: LeasedFact, at_ms: number): void {
  const { plan, grants, seq } = draft.now;
  const partition = partitionOf(plan.job_id);
  for (const [n, { shard, role, of }] of fact.tasks.entries()) {
    const lease: HeldLease = {
      id: formatLeaseId(partition, fact.grant, n),
      runner: fact.runner,
      role,
      of,
      granted_ms: at_ms,
      expires_ms: fact.expires_ms,
    };
    const before = draft.shard(shard);
    const leases = [...before.leases, lease];
    draft.setShard(shard, { ...before, leases, checks: takeCheck(before, lease) });
  }
  grants.add(fact.grant, { runner: fact.runner, tasks: fact.tasks, at_ms, seq });
}

/** The checks with this one taken; a probe or a plant comes into being with its lease. */
function takeCheck(shard: ShardProgress, lease: HeldLease): ShardProgress["checks"] {
  const { runner, role, of, granted_ms } = lease;
  if (role === "compute") return shard.checks;
  if (role === "audit" || role === "referee") {
    return shard.checks.map((check) =>
      check.runner === runner && check.role === role && check.of === of && check.state === "drawn"
        ? { ...check, state: "leased" as const, lease: lease.id }
        : check,
    );
  }
  return [
    ...shard.checks,
    {
      runner,
      role,
      of,
      // A plant checks the rows that an audit would, so that nobody can tell the two apart.
      value: role === "plant" ? (shard.draws[0]?.value ?? null) : null,
      drawn_ms: granted_ms,
      lease: lease.id,
      state: "leased",
      answer: null,
      comparisons: [],
      outcome: "pending",
    },
  ];
}

function foldDrawn(draft: Draft, fact: DrawnFact, at_ms: number): void {
  for (const { shard, runner } of fact.skipped) passOver(draft, shard, runner);
  foldRosters(draft, fact.rosters);
  for (const verdict of fact.verdicts) foldVerdict(draft, verdict);
  for (const shard of fact.reopened) reopenShard(draft, shard, "recalled");
  foldDraws(draft, fact.draws, at_ms);
}

/** A runner that did not take or answer its checks of a shard in time is waited for no more; it may still answer. */
export function passOver(draft: Draft, shard: number, runner: RunnerId): void {
  const before = draft.shard(shard);
  const checks = before.checks.map((check) => (check.runner === runner ? skipCheck(check) : check));
  draft.setShard(shard, { ...before, checks });
}

/** What was delivered of these completions counts no more. */
function foldRestarted(draft: Draft, shards: readonly number[]): void {
  for (const index of shards) {
    const before = draft.shard(index);
    draft.setShard(index, { ...before, restarts: before.restarts + 1 });
  }
}

function foldReturned(draft: Draft, fact: ReturnedFact, at_ms: number): void {
  const { runner, code, detail } = fact;
  for (const shard of fact.shards) {
    const before = draft.shard(shard);
    // What is given back must be held: else one machine could report a failure again and again until the job gives up.
    if (!before.leases.some((lease) => lease.runner === runner)) continue;
    const failures =
      code === null ? before.failures : [...before.failures, { runner, at_ms, code, detail: detail ?? "" }];
    draft.setShard(shard, {
      ...before,
      leases: before.leases.filter((lease) => lease.runner !== runner),
      checks: before.checks.map((check) =>
        check.runner === runner && check.state === "leased" ? skipCheck(check) : check,
      ),
      failures,
      returned: new Map(before.returned).set(runner, at_ms),
    });
    if (fact.reason === "failed") draft.bump(runner, { shards_failed: 1 });
    if (fact.reason === "expired") draft.bump(runner, { shards_expired: 1 });
  }
}
