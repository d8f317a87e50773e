import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Completion } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { replaceModel } from "../../fixtures/replace-model.ts";
import { pairsOf } from "../compare-runs.ts";
import { type Cheat, cheatModels, cheatsWith, isDrawn, withEvidenceOf, withModel } from "./cheats.ts";
import { checkAnswers, compareTold, Tally, type Told } from "./measure-detection.ts";
import { sampleRequest } from "./requests.ts";
import { type MachineOptions, TextMachine } from "./text-machine.ts";

type Setting = Omit<MachineOptions, "dir">;

/** Ways in which honest machines make answers: how many at once, threads, optimisation, provider. */
const MAKERS: readonly Setting[] = [
  {},
  { at_once: 7, threads: 2 },
  { at_once: 1, graph_optimization: "disabled" },
  { isWeb: true },
];

/** And in which they check them: all together, or block by block and token by token as they were made. */
const CHECKERS: readonly Setting[] = [
  { at_once: 1 },
  { threads: 2 },
  { threads: 4, at_once: 3 },
  { graph_optimization: "disabled" },
  { graph_optimization: "basic" },
  { graph_optimization: "extended", threads: 2 },
  { isStepwise: true },
  { isStepwise: true, graph_optimization: "disabled", at_once: 5 },
  { isWeb: true, at_once: 1 },
  { isWeb: true, graph_optimization: "disabled" },
];

const openAll = (dir: string, settings: readonly Setting[]): Promise<TextMachine[]> =>
  Promise.all(settings.map((setting) => TextMachine.open({ dir, ...setting })));

/** Answers that are worked on before the next are begun. */
const PART = 16;

/**
 * Honest answers, each made in one of many ways, broken off and gone on with by another machine, and checked in many: what
 * any two of them say is held against each other.
 *
 * @returns one tally for each two execution classes
 */
export async function measureHonest(
  dir: string,
  answers: number,
  {
    makers = MAKERS,
    checkers = CHECKERS,
  }: { makers?: readonly Setting[]; checkers?: readonly Setting[] } = {},
): Promise<Map<string, Tally>> {
  const making = await openAll(dir, makers);
  const checking = await openAll(dir, checkers);
  const tallies = new Map<string, Tally>();
  for (let start = 0; start < answers; start += PART) {
    const requests = requestsFrom(start, Math.min(PART, answers - start));
    const [maker, finisher] = [0, 1].map((n) => making[(start / PART + n) % making.length]);
    if (maker === undefined || finisher === undefined) throw new Error("there is no maker");
    const begun = await maker.generate(requests);
    const completions = await finisher.goOn(requests, begun, 1 + ((start * 7) % 200));
    const told: Told[] = [{ machine: finisher, completions }];
    for (const machine of checking)
      told.push({ machine, completions: await machine.check(requests, completions) });
    for (const [a, b] of pairsOf(told)) {
      const classes = [a, b].map(({ machine }) => machine.execution_class).sort();
      const name = [...new Set(classes)].join(" and ");
      const tally = tallies.get(name) ?? new Tally();
      tallies.set(name, tally);
      tally.add(compareTold(requests, a, b));
    }
  }
  return tallies;
}

export interface CheatMeasure {
  what: string;
  tally: Tally;
}

/**
 * Every cheat, checked by an honest machine.
 *
 * @param parent a folder for the models that cheats run
 * @param wanted which of the cheats, by their names
 */
export async function measureCheats(
  dir: string,
  parent: string,
  answers: number,
  wanted: (what: string) => boolean = () => true,
): Promise<CheatMeasure[]> {
  const honest = await TextMachine.open({ dir });
  const cheats = await openCheats(dir, parent, honest, wanted);
  const tallies = new Map(cheats.map(([what]) => [what, new Tally()]));
  for (let start = 0; start < answers; start += PART) {
    const requests = requestsFrom(start, Math.min(PART, answers - start));
    const right = await honest.generate(requests);
    for (const [what, cheat] of cheats) {
      const [asked, truth] = /seed|temperature/.test(what) ? drawn(requests, right) : [requests, right];
      const completions = await cheat(asked, truth);
      tallies.get(what)?.add(await checkAnswers(asked, { machine: honest, completions }, honest));
    }
  }
  return [...tallies].map(([what, tally]) => ({ what, tally }));
}

async function openCheats(
  dir: string,
  parent: string,
  honest: TextMachine,
  wanted: (what: string) => boolean,
): Promise<[string, Cheat][]> {
  const cheats = Object.entries(cheatsWith(honest));
  for (const [what, model] of Object.entries(cheatModels(readFileSync(join(dir, "onnx/model.onnx"))))) {
    const hidden = `${what}, evidence by the model`;
    if (!wanted(what) && !wanted(hidden)) continue;
    const cheat = await withModel(replaceModel(dir, parent, model));
    cheats.push([what, cheat], [hidden, withEvidenceOf(honest, cheat)]);
  }
  return cheats.filter(([what]) => wanted(what));
}

const requestsFrom = (start: number, count: number): GenerationRequest[] =>
  Array.from({ length: count }, (_, i) => sampleRequest(start + i));

function drawn(
  requests: readonly GenerationRequest[],
  answers: readonly Completion[],
): [GenerationRequest[], Completion[]] {
  const indexes = requests.flatMap((request, i) => (isDrawn(request) ? [i] : []));
  const pick = <T>(list: readonly T[]): T[] => indexes.flatMap((i) => list[i] ?? []);
  return [pick(requests), pick(answers)];
}
