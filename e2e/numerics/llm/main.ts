import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { renderTable } from "../../bench/render-table.ts";
import { bold } from "../../demo/paint.ts";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { Tally } from "./measure-detection.ts";
import { measureCheats, measureHonest } from "./measure-llm.ts";

/**
 * Prints how far apart honest completions are, and how many answers of cheats are found:
 * `node e2e/numerics/llm/main.ts --answers 200 --models 300 --cheats 50`.
 */

const count = (text: string): { type: "string"; default: string } => ({ type: "string", default: text });
const { values } = parseArgs({
  options: {
    /** Honest answers: each gives 55 comparisons. */
    answers: count("200"),
    /** Answers of each other model. */
    models: count("300"),
    /** Answers of each other cheat. */
    cheats: count("50"),
  },
});
const MODEL = fileURLToPath(new URL("../../fixtures/tinylm/", import.meta.url));

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const number = (value: number | null): string =>
  value === null ? "-" : value === 0 ? "0" : value.toExponential(1);

const row = (what: string, tally: Tally): string[] => [
  what,
  String(tally.count),
  ...[0, 0.5, 1].map((share) => number(tally.deviationAt(share))),
  ...[0, 0.5, 1].map((share) => number(tally.choiceAt(share))),
  `${tally.zones.match} / ${tally.zones.unclear} / ${tally.zones.fraud}`,
];
const HEAD = [
  "",
  "answers",
  "logprobs min",
  "median",
  "max",
  "choices min",
  "median",
  "max",
  "match / unclear / fraud",
];

const folder = createTempFolder();
const honest = await measureHonest(MODEL, Number(values.answers));
say(`${bold("Honest machines")}, each two of them`);
say(
  renderTable(
    HEAD,
    [...honest].map(([how, tally]) => row(how, tally)),
  ),
);
const isModel = (what: string): boolean => /weights$|products$|of 4$/.test(what);
/** What only a model of other numbers is worth hiding: the rest is found by what it chose as well. */
const isHidden = (what: string): boolean => what.endsWith("by the model");
const cheats = [
  ...(await measureCheats(MODEL, folder.path, Number(values.models), isModel)),
  ...(await measureCheats(
    MODEL,
    folder.path,
    Number(values.cheats),
    (what) => !isModel(what) && (!isHidden(what) || /INT8|FP16/.test(what)),
  )),
];
say(`\n${bold("Cheats")}`);
say(
  renderTable(
    HEAD,
    cheats.map(({ what, tally }) => row(what, tally)),
  ),
);
folder.remove();
