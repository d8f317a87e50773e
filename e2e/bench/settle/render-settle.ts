import { TRANSACTION_BYTES_MAX } from "@infernet/escrow/client/transaction/transaction-bytes";
import { formatNumber } from "../format-number.ts";
import { renderTable } from "../render-table.ts";
import { type BatchCost, jobsToReachGoal, solPriceToReachGoal } from "./batch-cost.ts";
import { renderWorker } from "./render-worker.ts";
import type { BatchReport, ReleaseReport, SettleReport } from "./settle-report.ts";
import type { TransactionReport } from "./summarize-rounds.ts";

const GOAL_JOBS = 1_000;

const TRANSACTIONS = [
  "transaction",
  "bytes",
  "signatures",
  "verified",
  "compute units",
  "lamports",
  "with priority",
  "rent",
];
const BATCHES = [
  "jobs",
  "worth $",
  "payees",
  "releases",
  "lamports/job",
  "$/M jobs",
  "share",
  "with priority",
  "showing a voucher",
];

/** What each transaction costs, what that comes to for a job, and how large the Worker is. */
export function renderSettle(report: SettleReport): string {
  const { assumed, batches, others, releases, rounds, worker } = report;
  const transactions = [...releases.map(renderRelease), ...others.map((one) => renderTransaction(one, "-"))];
  return [
    renderTable(TRANSACTIONS, transactions),
    `  ${rounds} rounds, each with keys of its own; verified: signatures that a precompile checks, paid for like the others
  priority: ${formatNumber(assumed.priority_micro_lamports)} micro-lamports for each of ${formatNumber(assumed.unit_limit)} units asked for, and up to ${longest(releases)} of the ${formatNumber(TRANSACTION_BYTES_MAX)} bytes there are
  rent: lamports that the fee payer puts into accounts that are made`,
    renderTable(
      BATCHES,
      batches.map((batch) => renderBatch(batch, assumed.usd_per_job)),
    ),
    `  jobs of one shard and ${assumed.usd_per_job} $; a SOL is taken for ${assumed.usd_per_sol} $ (${assumed.as_of})
  within a voucher that was shown before; or the batch's first release shows one, without a priority fee`,
    renderGoal(report),
    renderWorker(worker),
  ].join("\n\n");
}

const renderRelease = (release: ReleaseReport): string[] =>
  renderTransaction(release, formatNumber(release.priority.fee_lamports));

function renderTransaction(one: TransactionReport, priority: string): string[] {
  const [least, most] = one.compute_units;
  return [
    one.name,
    formatNumber(one.bytes),
    formatNumber(one.signatures),
    formatNumber(one.signatures_verified),
    least === most ? formatNumber(least) : `${formatNumber(least)} to ${formatNumber(most)}`,
    formatNumber(one.fee_lamports),
    priority,
    formatNumber(one.rent_lamports),
  ];
}

const longest = (releases: readonly ReleaseReport[]): string =>
  formatNumber(Math.max(...releases.map(({ priority }) => priority.bytes)));

function renderBatch({ plain, priority, showing }: BatchReport, usd_per_job: number): string[] {
  return [
    formatNumber(plain.shards),
    String(plain.shards * usd_per_job),
    formatNumber(plain.payees),
    plain.releases.join(" + "),
    formatNumber(plain.lamports_per_job),
    formatNumber(plain.usd_per_job * 1e6),
    renderShare(plain),
    renderShare(priority),
    renderShare(showing),
  ];
}

const renderShare = ({ share }: Pick<BatchCost, "share">): string => `${(share * 100).toPrecision(3)} %`;

/** From how many jobs on the goal is reached, and at which price of SOL by a thousand. */
function renderGoal({ assumed, batches }: SettleReport): string {
  const jobs = ({ lamports }: BatchCost) => formatNumber(jobsToReachGoal(lamports, assumed));
  const price = ({ lamports }: BatchCost) =>
    formatNumber(solPriceToReachGoal(lamports, GOAL_JOBS, assumed.usd_per_job));
  const ofGoal = batches.filter(({ plain }) => plain.shards === GOAL_JOBS);
  return renderTable(
    [
      `releases to ${assumed.share_goal * 100} % of the jobs' price`,
      "from jobs",
      "with priority",
      "showing a voucher",
      `by ${formatNumber(GOAL_JOBS)} jobs up to $/SOL`,
      "with priority",
      "showing a voucher",
    ],
    ofGoal.map(({ plain, priority, showing }) => [
      plain.releases.join(" + "),
      ...[plain, priority, showing].map(jobs),
      ...[plain, priority, showing].map(price),
    ]),
  );
}
