import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { payeesPerRelease } from "@infernet/escrow/client/transaction/payees-per-release";
import { LIMITS } from "@infernet/schemas/limits";
import { type ChainProcess, startChain } from "../../chain/chain-process.ts";
import { openEscrowClient } from "../../chain/escrow.ts";
import { stopAll } from "../../network/stop-all.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { SOLANA } from "../prices.ts";
import { type Batch, costBatch, SHARE_GOAL, splitPayees } from "./batch-cost.ts";
import { measureOthers, type OtherName } from "./measure-others.ts";
import { type MeasuredRelease, measureReleases, UNIT_LIMIT } from "./measure-releases.ts";
import { openStage } from "./open-stage.ts";
import type { TransactionCost } from "./read-transaction.ts";
import { renderSettle } from "./render-settle.ts";
import type { BatchReport, ReleaseReport, SettleReport } from "./settle-report.ts";
import { agreeOn, summarizeRounds } from "./summarize-rounds.ts";
import { measureWorker } from "./worker-size.ts";

const ROUNDS = 5;
const USD_PER_JOB = 0.001;
/** What fits into one release by the aggregator. */
const PAYEES_MAX = payeesPerRelease({
  payees: "bonded",
  depth: 0,
  byVoucher: true,
  hasOwnFeePayer: false,
});
const MANY_PAYEES = 12;
const SHARDS = [1, 10, 100, 1_000];

interface Round {
  releases: MeasuredRelease[];
  others: Record<OtherName, TransactionCost>;
}

/** What settlement costs: transactions counted over the escrow program, and jobs at an assumed price of SOL. */
export async function benchSettle({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const chain = await startChain();
  cleanup.add(() => stopAll([chain.process]));
  const escrows = openEscrowClient(chain);
  const batches = listBatches();
  const payees = listPayees(batches);
  const rounds: Round[] = [];
  for (let n = 1; n <= ROUNDS; n += 1) {
    say(`round ${n} of ${ROUNDS}: bonds, an escrow, releases to ${payees.join(", ")}, refund and slash`);
    rounds.push(await measureRound(chain, escrows, payees));
  }
  await cleanup.run();
  const releases = payees.map((count) => reportRelease(count, rounds));
  const report: SettleReport = {
    assumed: {
      as_of: SOLANA.as_of,
      usd_per_sol: SOLANA.usd_per_sol,
      usd_per_job: USD_PER_JOB,
      priority_micro_lamports: Number(SOLANA.priority_micro_lamports),
      unit_limit: UNIT_LIMIT,
      share_goal: SHARE_GOAL,
    },
    rounds: ROUNDS,
    releases,
    others: reportOthers(rounds),
    batches: batches.map((batch) => reportBatch(batch, releases)),
    worker: measureWorker(),
  };
  return { report, text: renderSettle(report) };
}

/** Few providers in one release and more in two; then the fullest payouts, and those sent without being asked for. */
function listBatches(): Batch[] {
  const auto = LIMITS.payout_micro_auto / (USD_PER_JOB * 1e6);
  return [
    ...SHARDS.map((shards) => ({ shards, payees: Math.min(PAYEES_MAX, shards) })),
    ...SHARDS.filter((shards) => shards > MANY_PAYEES).map((shards) => ({ shards, payees: MANY_PAYEES })),
    ...[LIMITS.payout_earnings_max, auto].map((shards) => ({
      shards: shards * PAYEES_MAX,
      payees: PAYEES_MAX,
    })),
  ];
}

function listPayees(batches: readonly Batch[]): number[] {
  const ofBatches = batches.flatMap(({ payees }) => splitPayees(payees, PAYEES_MAX));
  return [...new Set([1, 2, 4, ...ofBatches])].sort((a, b) => a - b);
}

async function measureRound(
  chain: ChainProcess,
  escrows: EscrowClient,
  payees: readonly number[],
): Promise<Round> {
  const stage = await openStage(chain, escrows, PAYEES_MAX);
  const releases = await measureReleases(chain, escrows, stage, payees);
  return { releases, others: await measureOthers(chain, escrows, stage) };
}

function reportRelease(payees: number, rounds: readonly Round[]): ReleaseReport {
  const name = `release to ${payees}`;
  const measured = rounds.flatMap(({ releases }) => releases.filter((release) => release.payees === payees));
  const { bytes, fee_lamports } = agreeOn(
    `${name} with a priority fee`,
    measured.map(({ priority }) => priority),
  );
  const plain = summarizeRounds(
    name,
    measured.map((release) => release.plain),
  );
  return { ...plain, payees, priority: { bytes, fee_lamports } };
}

const OTHERS = ["open", "top up", "bond deposit", "refund", "slash"] as const satisfies OtherName[];

const reportOthers = (rounds: readonly Round[]) =>
  OTHERS.map((name) =>
    summarizeRounds(
      name,
      rounds.map(({ others }) => others[name]),
    ),
  );

function reportBatch(batch: Batch, releases: readonly ReleaseReport[]): BatchReport {
  const assumed = { usd_per_job: USD_PER_JOB, usd_per_sol: SOLANA.usd_per_sol };
  const find = (payees: number): ReleaseReport => {
    const release = releases.find((one) => one.payees === payees);
    if (release === undefined) throw new Error(`a release to ${payees} was not measured`);
    return release;
  };
  return {
    plain: costBatch(batch, PAYEES_MAX, (payees) => find(payees).fee_lamports, assumed),
    priority: costBatch(batch, PAYEES_MAX, (payees) => find(payees).priority.fee_lamports, assumed),
  };
}
