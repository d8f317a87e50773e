import { renderTable } from "../bench/render-table.ts";
import { bold, green, red } from "../demo/paint.ts";
import { chooseScenarios } from "./choose-scenarios.ts";
import { explainFailure, replayCommand } from "./failing-seeds.ts";
import { runKademlia } from "./kademlia/run-kademlia.ts";
import { writePage } from "./page.ts";
import { renderTables } from "./render-tables.ts";
import { type Outcome, runAll, type Task } from "./run-all.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { parseSimOptions, SIM_USAGE, type SimOptions } from "./sim-options.ts";
import { createSimProgress } from "./sim-progress.ts";
import { type Summary, summarise } from "./summary.ts";
import { checkTargets, type Target } from "./targets.ts";

// npm run sim: everybody who would cheat, against the rules that the edge runs; and how the network of peers grows.
const TABLE_MS_MAX = 300_000;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === "kademlia") return runKademlia(argv.slice(1));
  let options: SimOptions;
  let scenarios: Scenario[];
  try {
    options = parseSimOptions(argv);
    scenarios = chooseScenarios(options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (options.help || options.list) {
    process.stdout.write(options.help ? SIM_USAGE : `${SCENARIOS.map(({ name }) => name).join("\n")}\n`);
    return 0;
  }
  return run(options, scenarios);
}

async function run(options: SimOptions, scenarios: readonly Scenario[]): Promise<number> {
  const tasks = listTasks(scenarios, options);
  const out = options.json ? process.stderr : process.stdout;
  out.write(`${tasks.length} runs of ${scenarios.length} scenario(s)\n`);
  const progress = createSimProgress(tasks, out);
  const start_ms = performance.now();
  const outcomes: Outcome[] = [];
  await runAll(tasks, (outcome) => {
    outcomes.push(outcome);
    progress.show(outcome);
  });
  progress.stop();
  const took_ms = performance.now() - start_ms;
  const summaries = summariseAll(scenarios, outcomes);
  const targets = [...checkTargets(summaries), ...(options.isWhole ? [checkTime(took_ms)] : [])];
  const tables = renderTables(summaries, targets);
  for (const { title, header, rows } of tables) out.write(`\n${bold(title)}\n${renderTable(header, rows)}\n`);
  const failures = listFailures(outcomes, options);
  for (const failure of failures) out.write(`${red("failed")}  ${failure}\n`);
  const isMet = failures.length === 0 && targets.every((target) => target.isMet);
  out.write(
    `\n${isMet ? green("All numbers are reached.") : red("Some numbers are missed.")} ${Math.round(took_ms / 1_000)} s\n`,
  );
  if (options.json) process.stdout.write(`${JSON.stringify({ summaries, targets, failures, took_ms })}\n`);
  if (options.isWhole && failures.length === 0) writePage("verification.md", tables);
  return isMet ? 0 : 1;
}

function listTasks(scenarios: readonly Scenario[], { seeds }: SimOptions): Task[] {
  return scenarios.flatMap((scenario) =>
    seeds.slice(0, Math.ceil(seeds.length * scenario.seeds_share)).map((seed) => ({ scenario, seed })),
  );
}

/** Outcomes come from threads: scenarios are known by their names. */
function summariseAll(scenarios: readonly Scenario[], outcomes: readonly Outcome[]): Summary[] {
  return scenarios.flatMap((scenario) => {
    const runs = outcomes.flatMap((outcome) =>
      outcome.task.scenario.name === scenario.name && "run" in outcome ? [outcome.run] : [],
    );
    return runs.length === 0 ? [] : [summarise(scenario, runs)];
  });
}

function listFailures(outcomes: readonly Outcome[], options: SimOptions): string[] {
  return outcomes.flatMap((outcome) => {
    const { scenario, seed } = outcome.task;
    const why = "error" in outcome ? outcome.error : explainFailure(scenario, outcome.run);
    return why === null ? [] : [`${replayCommand(scenario, seed, options)}  # ${why}`];
  });
}

function checkTime(took_ms: number): Target {
  return {
    what: "seconds for all of this",
    limit: `<= ${TABLE_MS_MAX / 1_000}`,
    value: String(Math.round(took_ms / 1_000)),
    isMet: took_ms <= TABLE_MS_MAX,
    scenarios: [],
  };
}
