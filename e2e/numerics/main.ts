import { quantile } from "../bench/quantile.ts";
import { renderTable } from "../bench/render-table.ts";
import { bold } from "../demo/paint.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import type { Subject } from "./honest-runs.ts";
import { measureCompare } from "./measure-compare.ts";
import { measureFrauds, runHonestly, spreadsOf } from "./measure-numerics.ts";
import {
  type CheatedSubject,
  coarseSubjects,
  exactSubjects,
  narrowSubject,
  wideSubjects,
} from "./subjects.ts";

/** Prints how far apart honest runs and frauds are on this machine, and what a comparison costs. */

const number = (value: number): string => (value === 0 ? "0" : value.toExponential(1));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const folder = createTempFolder();
const cheated: CheatedSubject[] = [...wideSubjects(folder.path), narrowSubject(folder.path)];
const subjects: Subject[] = [...cheated, ...exactSubjects(folder.path), ...coarseSubjects(folder.path)];
const honest: string[][] = [];
const frauds: string[][] = [];

for (const subject of subjects) {
  const runs = await runHonestly(subject);
  const name =
    subject.dir
      .split("/")
      .at(-1)
      ?.replace(/-[^-]*$/, "") ?? "";
  process.stderr.write(`  ${name}\n`);
  for (const { classes, observed } of spreadsOf(subject, runs))
    honest.push([
      name,
      [...new Set(classes.map((text) => text.split("/").slice(2).join("/")))].join(" and "),
      number(observed.deviation_p999),
      number(observed.deviation_max),
      number(observed.angle_max),
    ]);
  const [first] = runs;
  const of = cheated.find((candidate) => candidate === subject);
  if (first === undefined || of === undefined) continue;
  for (const { what, distances, compared } of await measureFrauds(of, first)) {
    const deviations = [...distances.deviation];
    const angles = [...distances.angle];
    frauds.push([
      name,
      what,
      number(quantile(deviations, 0)),
      number(quantile(deviations, 0.5)),
      number(quantile(angles, 0)),
      number(quantile(angles, 0.5)),
      `${compared.rows.match} / ${compared.rows.unclear} / ${compared.rows.fraud}`,
    ]);
  }
}

say(`${bold("Honest runs")}, row by row`);
say(renderTable(["model", "classes", "deviation p99.9", "max", "1 - cos max"], honest));
say(`\n${bold("Frauds")}, row by row`);
say(
  renderTable(
    ["model", "in its place", "deviation min", "median", "1 - cos min", "median", "match / unclear / fraud"],
    frauds,
  ),
);
say(`\n${bold("Cost of a comparison")}, microseconds a row`);
say(
  renderTable(
    ["numbers a row", "rows", "equal", "rounded"],
    [
      measureCompare(35, 26),
      measureCompare(1_000, 26),
      measureCompare(35, 2_000),
      measureCompare(1, 256),
    ].map(({ columns, rows, equal_us, rounded_us }) => [
      String(columns),
      String(rows),
      equal_us.toFixed(2),
      rounded_us.toFixed(2),
    ]),
  ),
);
folder.remove();
