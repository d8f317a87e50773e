import { SCHEMES, type SchemeName } from "./baselines/schemes.ts";
import type { Scenario } from "./scenarios.ts";
import type { Summary } from "./summary.ts";
import { renderNumber, type Target } from "./targets.ts";

/** A table as text cells: the same for the terminal and the page. */
export interface Table {
  /** As in the page's markers. */
  name: string;
  title: string;
  header: string[];
  rows: string[][];
}

export function renderTables(summaries: readonly Summary[], targets: readonly Target[]): Table[] {
  const of = (part: Scenario["part"]): Summary[] =>
    summaries.filter(({ scenario }) => scenario.part === part);
  const tables: Table[] = [
    { name: "zoo", title: "Assurance 0.9999", ...describe(of("zoo")) },
    { name: "dial", title: "Less assurance", ...renderDial(of("dial")) },
    { name: "recall", title: "Recall, with one auditor a shard", ...describe(of("recall")) },
    { name: "faults", title: "When what is assumed does not hold", ...describe(of("faults")) },
    { name: "ablation", title: "Drawing late and early", ...describe(of("ablation")) },
    { name: "baselines", title: "What others do", ...renderBaselines(of("baselines")) },
    { name: "targets", title: "Numbers to reach", ...renderTargets(targets) },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

const HEADER = [
  "the cabal of 30 %",
  "delivered wrong",
  "final wrong",
  "final wrong rows",
  "compute median",
  "worst",
  "honest convicted",
  "honest unpaid",
  "referees' share",
  "liars ejected",
  "checks to ejection",
];

const describe = (summaries: readonly Summary[]) => ({
  header: HEADER,
  rows: summaries.map((one) => [
    one.scenario.title,
    renderShare(one.delivered_share),
    renderShare(one.final_share),
    renderShare(one.final_rows_share),
    one.compute_median.toFixed(3),
    one.compute_worst.toFixed(3),
    String(one.honest_slashed),
    renderPercent(one.unpaid_share),
    renderPercent(one.referee_share),
    one.ejected_share === 0 ? "-" : `${Math.round(100 * one.ejected_share)} %`,
    one.audits_to_ejection === null ? "-" : one.audits_to_ejection.toFixed(1),
  ]),
});

function renderDial(summaries: readonly Summary[]) {
  const adversaries = [...new Set(summaries.map(({ scenario }) => scenario.adversary))];
  const levels = [...new Set(summaries.map(({ scenario }) => scenario.name.split("@")[1] ?? ""))];
  const header = [
    "the cabal of 30 %",
    ...levels.flatMap((level) => [`wrong shards at ${level}`, "wrong rows", "compute"]),
  ];
  const rows = adversaries.map((adversary) => {
    const row = levels.map((level) =>
      summaries.find(({ scenario }) => scenario.name === `${adversary}@${level}`),
    );
    const title = row.find((one) => one !== undefined)?.scenario.title ?? adversary;
    return [
      title,
      ...row.flatMap((one) =>
        one === undefined
          ? ["-", "-", "-"]
          : [renderShare(one.final_share), renderShare(one.final_rows_share), one.compute_median.toFixed(3)],
      ),
    ];
  });
  return { header, rows };
}

/** One line a scheme: its worst attack. */
function renderBaselines(summaries: readonly Summary[]) {
  const header = ["scheme", "wrong, worst attack", "which", "compute median", "of a fleet that is honest"];
  const rows = (Object.keys(SCHEMES) as SchemeName[]).flatMap((scheme) => {
    const own = summaries.filter(({ scenario }) => scenario.scheme === scheme);
    const [first, ...rest] = own;
    if (first === undefined) return [];
    const worst = rest.reduce((most, one) => (one.final_share > most.final_share ? one : most), first);
    const honest = own.find(({ scenario }) => scenario.adversary === "honest");
    return [
      [
        SCHEMES[scheme].title,
        renderShare(worst.final_share),
        worst.scenario.title,
        worst.compute_median.toFixed(2),
        honest?.compute_median.toFixed(2) ?? "-",
      ],
    ];
  });
  return { header, rows };
}

const renderTargets = (targets: readonly Target[]) => ({
  header: ["number", "to reach", "measured (worst)", "reached"],
  rows: targets.map(({ what, limit, value, isMet }) => [what, limit, value, isMet ? "yes" : "no"]),
});

const renderShare = (share: number): string => renderNumber(share);
const renderPercent = (share: number): string => (share === 0 ? "0" : `${(100 * share).toFixed(2)} %`);
