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
import { type MeasuredRelease, measureReleases, type ReleaseKind, UNIT_LIMIT } from "./measure-releases.ts";
import { openStage } from "./open-stage.ts";
import type { TransactionCost } from "./read-transaction.ts";
import { renderSettle } from "./render-settle.ts";
import type { BatchReport, ReleaseReport, SettleReport } from "./settle-report.ts";
import { agreeOn, summarizeRounds } from "./summarize-rounds.ts";
import { measureWorker } from "./worker-size.ts";

const ROUNDS = 5;
const USD_PER_JOB = 0.001;
const payeesThatFit = (byVoucher: boolean): number =>
  payeesPerRelease({ payees: "bonded", depth: 0, byVoucher, hasOwnFeePayer: false });
/** What the edge puts into one release: what fits with a voucher, for any of them may have to show one. */
const PAYEES_MAX = payeesThatFit(true);
const PROVIDERS = payeesThatFit(false);
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
  const kinds = listReleases(batches);
  const rounds: Round[] = [];
  for (let n = 1; n <= ROUNDS; n += 1) {
    say(`round ${n} of ${ROUNDS}: bonds, an escrow, ${kinds.length} kinds of release, refund and slash`);
    rounds.push(await measureRound(chain, escrows, kinds));
  }
  await cleanup.run();
  const releases = kinds.map((kind) => reportRelease(kind, rounds));
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

/** Few providers in one release and more in two; then payouts that are sent without being asked for. */
function listBatches(): Batch[] {
  const auto = LIMITS.payout_micro_auto / (USD_PER_JOB * 1e6);
  return [
    ...SHARDS.map((shards) => ({ shards, payees: Math.min(PAYEES_MAX, shards) })),
    ...SHARDS.filter((shards) => shards > MANY_PAYEES).map((shards) => ({ shards, payees: MANY_PAYEES })),
    { shards: auto * PAYEES_MAX, payees: PAYEES_MAX },
  ];
}

/** To as many payees as the batches ask for and some more, with a voucher and without; then the most that fit without. */
function listReleases(batches: readonly Batch[]): ReleaseKind[] {
  const ofBatches = batches.flatMap(({ payees }) => splitPayees(payees, PAYEES_MAX));
  const counts = [...new Set([1, 2, 4, ...ofBatches])].sort((a, b) => a - b);
  return [
    ...counts.map((payees) => ({ payees, showsVoucher: true })),
    ...[...counts, PROVIDERS].map((payees) => ({ payees, showsVoucher: false })),
  ];
}

async function measureRound(
  chain: ChainProcess,
  escrows: EscrowClient,
  kinds: readonly ReleaseKind[],
): Promise<Round> {
  const stage = await openStage(chain, escrows, PROVIDERS);
  const releases = await measureReleases(chain, escrows, stage, kinds);
  return { releases, others: await measureOthers(chain, escrows, stage) };
}

function reportRelease(kind: ReleaseKind, rounds: readonly Round[]): ReleaseReport {
  const name = kind.showsVoucher
    ? `release to ${kind.payees}, showing a voucher`
    : `release to ${kind.payees}`;
  const measured = rounds.flatMap(({ releases }) => releases.filter((release) => isOfKind(release, kind)));
  const { bytes, fee_lamports } = agreeOn(
    `${name} with a priority fee`,
    measured.map(({ priority }) => priority),
  );
  const plain = summarizeRounds(
    name,
    measured.map((release) => release.plain),
  );
  return { ...plain, ...kind, priority: { bytes, fee_lamports } };
}

const isOfKind = (release: ReleaseKind, { payees, showsVoucher }: ReleaseKind): boolean =>
  release.payees === payees && release.showsVoucher === showsVoucher;

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
  const find = (payees: number, showsVoucher: boolean): ReleaseReport => {
    const release = releases.find((one) => isOfKind(one, { payees, showsVoucher }));
    if (release === undefined) throw new Error(`a release to ${payees} was not measured`);
    return release;
  };
  const cost = (feeOf: (payees: number, n: number) => number) => costBatch(batch, PAYEES_MAX, feeOf, assumed);
  return {
    plain: cost((payees) => find(payees, false).fee_lamports),
    priority: cost((payees) => find(payees, false).priority.fee_lamports),
    showing: cost((payees, n) => find(payees, n === 0).fee_lamports),
  };
}
