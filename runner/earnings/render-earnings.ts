import type { EarningState, EarningSums, EarningView, PayoutView } from "@infernet/schemas/earning";
import { renderInstant } from "@infernet/schemas/instant";
import { renderUnits } from "./render-amount.ts";
import { renderSecond } from "./render-second.ts";
import { renderTable } from "./render-table.ts";

/** What is shown of a runner's earnings: the sums of all, and the latest of the rest. */
export interface EarningsShown {
  title: string;
  sums: readonly EarningSums[];
  jobs: readonly EarningView[];
  /** Whether there are jobs beside these. */
  hasMore: boolean;
  payouts: readonly PayoutView[];
  next: string;
}

const SUMS: readonly [state: EarningState, meaning: string][] = [
  ["held", "can still be taken back, if the work is found wrong"],
  ["payable", "yours, and not sent yet"],
  ["ordered", "being sent"],
  ["paid", "sent to you"],
  ["taken_back", "earned by work that was found wrong"],
];

const JOB_STATES: Readonly<Record<EarningState, string>> = {
  held: "held",
  payable: "payable",
  ordered: "on its way",
  paid: "paid",
  taken_back: "taken back",
};

const PAYOUT_STATES: Readonly<Record<PayoutView["state"], string>> = {
  due: "on its way",
  ordered: "on its way",
  paid: "paid",
  returned: "not sent, payable again",
};

const REFERENCE_CHARS_MAX = 20;
/** Holds a transaction's signature whole. */
const NOTE_CHARS_MAX = 100;
const NONE = "-";

/** A runner's earnings, for a person. */
export function renderEarnings({ title, sums, jobs, hasMore, payouts, next }: EarningsShown): string {
  const lines = [title, ""];
  for (const entry of sums) lines.push(entry.unit, ...renderSums(entry), "");
  if (jobs.length > 0) lines.push(hasMore ? "Latest jobs" : "Jobs", ...renderJobs(jobs));
  if (hasMore) lines.push("  Older ones: --limit N lists more, --csv all.");
  if (jobs.length > 0) lines.push("");
  if (payouts.length > 0) lines.push("Latest payouts", ...renderPayouts(payouts), "");
  return `${[...lines, next].join("\n")}\n`;
}

const renderSums = (sums: EarningSums): string[] =>
  renderTable(
    SUMS.map(([state, meaning]) => [
      JOB_STATES[state],
      renderUnits(BigInt(sums[`${state}_micro`])),
      sums.unit,
      meaning,
    ]),
    [1],
  );

const renderJobs = (jobs: readonly EarningView[]): string[] =>
  renderTable(
    [
      ["job", "earned", "", "state", "held until (UTC)", "reference"],
      ...jobs.map(({ job_id, earned_micro, unit, state, held_until, reference }) => [
        job_id,
        renderUnits(BigInt(earned_micro)),
        unit,
        JOB_STATES[state],
        state === "held" ? renderSecond(held_until) : NONE,
        reference === null ? NONE : shorten(reference, REFERENCE_CHARS_MAX),
      ]),
    ],
    [1],
  );

const renderPayouts = (payouts: readonly PayoutView[]): string[] =>
  renderTable(
    [
      ["payout", "amount", "", "ordered (UTC)", "state", "note"],
      ...payouts.map(({ order, state, result }) => [
        order.id,
        renderUnits(BigInt(order.micro)),
        order.unit,
        renderSecond(renderInstant(order.ordered_ms)),
        PAYOUT_STATES[state],
        shorten(result?.reference ?? result?.detail ?? NONE, NOTE_CHARS_MAX),
      ]),
    ],
    [1],
  );

/** Others chose the text: what a terminal would obey is left out. */
function shorten(text: string, chars_max: number): string {
  const chars = [...text.replaceAll(/\p{C}+/gu, " ")];
  return chars.length <= chars_max ? chars.join("") : `${chars.slice(0, chars_max - 3).join("")}...`;
}
