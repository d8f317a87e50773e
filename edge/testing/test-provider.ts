import { env } from "cloudflare:workers";
import { holdUntil } from "@infernet/protocol/holds";
import { formatJobId, formatPartition, type JobId, type RunnerId } from "@infernet/schemas/ids";
import { Unit } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import { LATENCY_BUCKETS, type ReputationEvent, type WorkTally } from "@infernet/schemas/provider";
import type { RunnerRegistration } from "@infernet/schemas/runner";
import { uuidv7 } from "uuidv7";
import { testRegistration } from "./test-registration.ts";
import { createTestRunner, type TestRunner } from "./test-runner.ts";

export interface TestProvider extends TestRunner {
  stub: ReturnType<Env["PROVIDER"]["getByName"]>;
}

export const newJobId = (): JobId => formatJobId(formatPartition(1), uuidv7());

/** A runner that has registered, without a dispatcher knowing of it. */
export async function createTestProvider(
  changes: Partial<RunnerRegistration> = {},
  now_ms = 1_000,
): Promise<TestProvider> {
  const runner = await createTestRunner();
  const stub = env.PROVIDER.getByName(runner.id);
  await stub.register(runner.id, testRegistration(changes), [], now_ms);
  return { ...runner, stub };
}

type EventOf<Kind extends ReputationEvent["kind"]> = Extract<ReputationEvent, { kind: Kind }>;

/** Ten shards' work in a job, held for a day. */
export const workEvent = (job: JobId, at_ms: number, tally: Partial<WorkTally> = {}): EventOf<"work"> => ({
  kind: "work",
  id: job,
  at_ms,
  tally: {
    shards_completed: 10,
    rows_completed: 100,
    shards_failed: 0,
    shards_expired: 0,
    audits_passed: 10,
    rows_audited: 40,
    audits_made: 0,
    latency: Array.from({ length: LATENCY_BUCKETS }, (_, bucket) => (bucket === 8 ? 10 : 0)),
    compute_ms_total: 4_000,
    earned_micro: "500",
    ...tally,
  },
  held_until_ms: holdUntil(at_ms, LIMITS.hold_ms),
  pay: { unit: Unit.parse("credit"), escrow: null, fee_micro: "5" },
});

export const convictionEvent = (job_id: JobId, at_ms: number): EventOf<"convicted"> => ({
  kind: "convicted",
  id: job_id,
  at_ms,
  job_id,
  shard: 3,
  as: "answer",
  partial: false,
});

/** Runners whose checks a job could be drawn from, in the order of their ids. */
export const rosterIds = async (): Promise<RunnerId[]> =>
  (
    await env.DISPATCHER.getByName("bucket-0").roster({ engine: "onnx", format: "onnx", memory_bytes: 1 })
  ).map(({ id }) => id);
