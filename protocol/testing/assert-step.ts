import type { RunnerId } from "@infernet/schemas/ids";
import type { JobFact } from "@infernet/schemas/job-fact";
import { type Check, isFinal, type JobProgress, type ShardProgress } from "../job-progress.ts";
import { isAccepted, isAwaited, isReady, lacksChecks } from "../shard-state.ts";

const RANK = { queued: 0, running: 1, verifying: 2, succeeded: 3, failed: 3, canceled: 3, expired: 3 };

function assert(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`broken: ${rule}`);
}

/** What must hold between a job's progress before and after any fact. */
export function assertStep(before: JobProgress, fact: JobFact, after: JobProgress): void {
  assert(after.seq === before.seq + 1, "facts are numbered without a gap");
  assert(RANK[after.state] >= RANK[before.state], "a state only moves forward");
  for (const [state, at_ms] of Object.entries(before.timestamps)) {
    assert(
      Object.entries(after.timestamps).some(([s, at]) => s === state && at === at_ms),
      "a timestamp is set once",
    );
  }
  assert(after.state in after.timestamps, "the present state has its timestamp");
  assertConvictions(before, fact, after);
  for (const [index, shard] of after.shards.entries()) assertShard(before.shards[index], after, shard);
  assertCredit(after);
  assertIndex(after);
}

/** What the indices say of the shards is what is there to be seen. */
function assertIndex({ index, shards }: JobProgress): void {
  const count = (fits: (shard: ShardProgress) => boolean): number => shards.filter(fits).length;
  assert(index.ready === count(isReady), "the shards that wait are counted");
  assert(index.unanswered === count(({ answer }) => answer === null), "the unanswered are counted");
  assert(index.unaccepted === count((shard) => !isAccepted(shard)), "those not accepted are counted");
  for (const [at, shard] of shards.entries()) {
    assert(index.wanting.has(at) === lacksChecks(shard), "shards that lack a lot are known");
    const isTaken = shard.checks.some(({ state }) => state === "leased");
    assert(index.taken.has(at) === isTaken, "shards with checks under way are known");
    for (const { runner, state } of shard.checks)
      if (state === "drawn") assert(index.drawn.get(runner)?.includes(at) === true, "who is drawn is known");
  }
  for (const [runner, drawn] of index.drawn) {
    assert(drawn.length > 0 && new Set(drawn).size === drawn.length, "who is drawn is known once");
    for (const at of drawn) {
      const isDrawn = shards[at]?.checks.some((one) => one.runner === runner && one.state === "drawn");
      assert(isDrawn === true, "nobody is known as drawn who is not");
    }
  }
}

/** Nobody is found wrong but by a verdict that somebody's run decided, by its own signatures, or in another job. */
function assertConvictions(before: JobProgress, fact: JobFact, after: JobProgress): void {
  const verdicts = fact.kind === "committed" || fact.kind === "drawn" ? fact.verdicts : [];
  for (const runner of before.convicted) assert(after.convicted.has(runner), "a conviction is for good");
  for (const runner of after.convicted) {
    if (before.convicted.has(runner)) continue;
    if ((fact.kind === "recalled" || fact.kind === "contradicted") && fact.runner === runner) continue;
    const isRuled = verdicts.some(
      ({ answer, check, referees }) =>
        referees.length > 0 &&
        [answer, check].some((party) => party.runner === runner && party.ruling === "convicted"),
    );
    assert(isRuled, "nobody is convicted but by a verdict that runs of others decided");
  }
}

function assertShard(before: ShardProgress | undefined, after: JobProgress, shard: ShardProgress): void {
  assert(before !== undefined, "the number of shards never changes");
  assertGrows(before.past, shard.past, "what stood once is not forgotten");
  assertGrows(before.verdicts, shard.verdicts, "a verdict is not forgotten");
  assertDistinct(shard.leases, "one runner holds one lease on a shard");
  assert(!shard.leases.some(({ runner }) => after.convicted.has(runner)), "the convicted hold no leases");
  assert(
    !shard.checks.some((check) => isAwaited(check) && after.convicted.has(check.runner)),
    "nobody waits for the convicted",
  );
  const maker = shard.answer?.runner;
  assert(
    maker === undefined || isFinal(after.state) || !after.convicted.has(maker),
    "no answer of the convicted stands before it is delivered",
  );
  assert(maker !== undefined || shard.checks.length === 0, "what has no answer has no checks");
  const passed = shard.checks.filter(({ outcome }) => outcome === "passed");
  assert(!passed.some(({ runner }) => after.convicted.has(runner)), "no check of the convicted counts");
  assert(!isAccepted(shard) || passed.length >= shard.wanted, "what is accepted has the checks it needs");
  if (maker !== undefined) assertIndependent(after, maker, shard.checks);
}

/** Of those whose audits count or are waited for, nobody made the answer, and no two belong together. */
function assertIndependent(progress: JobProgress, maker: RunnerId, checks: readonly Check[]): void {
  const auditors = checks
    .filter(({ role, outcome, state }) => role === "audit" && state !== "skipped" && outcome !== "void")
    .map(({ runner }) => runner);
  const parties = [maker, ...auditors];
  assert(new Set(parties).size === parties.length, "nobody audits itself, or twice");
  const groups = parties.flatMap((runner) => progress.known.get(runner)?.groups ?? []);
  assert(new Set(groups).size === groups.length, "no two auditors of one group, nor of the maker's");
}

/** What a runner is credited with is what is there to be seen. */
function assertCredit(progress: JobProgress): void {
  const credit = new Map<RunnerId, number>();
  for (const { answer, checks, past } of progress.shards) {
    for (const of of [{ answer, checks }, ...past]) {
      for (const { role, runner, outcome } of of.checks) {
        const tested = role === "audit" ? of.answer?.runner : runner;
        if (outcome === "passed" && tested !== undefined) credit.set(tested, (credit.get(tested) ?? 0) + 1);
      }
    }
  }
  for (const [runner, { audits_passed }] of progress.providers)
    assert(audits_passed === (credit.get(runner) ?? 0), "every audit passed is counted once");
}

function assertGrows<T>(before: readonly T[], after: readonly T[], rule: string): void {
  assert(after.length >= before.length, rule);
}

function assertDistinct(items: readonly { runner: string }[], rule: string): void {
  assert(new Set(items.map((item) => item.runner)).size === items.length, rule);
}
