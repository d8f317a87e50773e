import type { Calibration, Spread, Tolerance } from "@infernet/schemas/calibration";
import type { Recording } from "./recording.ts";

const number = (value: number): string => (value === 0 ? "0" : value.toExponential(1));
const tolerance = ({ deviation, angle }: Tolerance): string => `${number(deviation)} / ${number(angle)}`;

function spread({ rows, ...observed }: Spread): string {
  if (rows === 0) return "equal";
  const p999 = tolerance({ deviation: observed.deviation_p999, angle: observed.angle_p999 });
  return `${p999}, at most ${tolerance({ deviation: observed.deviation_max, angle: observed.angle_max })}`;
}

/** What one machine's runs gave, a line a class. */
export function renderRecorded({ classes, machine }: Recording): string[] {
  return [
    `machine  ${machine}`,
    ...classes.map(({ execution_class, outputs }) => {
      const runs = outputs.reduce((sum, output) => sum + output.runs.length, 0);
      const different = outputs.length === 1 ? "all equal" : `${outputs.length} different outputs`;
      return `class    ${execution_class}: ${runs} runs, ${different}`;
    }),
  ];
}

/** The thresholds for a person: deviation / (1 - cos) each. */
export function renderCalibration({ pairs }: Calibration): string[] {
  const lines = pairs.map(({ classes: [a, b], observed, inner, outer }) => [
    a === b ? `within ${a}` : `${a} and ${b}`,
    `  honest rows  ${spread(observed)}`,
    outer.deviation === 0
      ? "  match        where equal, else fraud"
      : `  match up to  ${tolerance(inner)}\n  fraud from   ${tolerance(outer)}`,
  ]);
  return ["", "deviation / (1 - cos), row by row; honest rows at p99.9", ...lines.flat()];
}
