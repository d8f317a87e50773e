import { ReceiptStory, type StoryOptions } from "./receipt-story.ts";

const always = (): number => 1;

async function play(options: StoryOptions): Promise<ReceiptStory> {
  return (await ReceiptStory.begin(options)).run();
}

/** Jobs of every kind that a receipt has to tell of, each played to its end. */
export const SCENARIOS = {
  "audits that all agree": () => play({ n: 1, rows: 12, shard_rows: 6, width: 1_100 }),
  "an assurance, with more audits at the end": () =>
    play({ n: 2, rows: 40, shard_rows: 10, verification: { assurance: 0.9999 }, runners: 8, passed: 20 }),
  "a quorum of three over integers": () =>
    play({ n: 3, rows: 8, verification: { mode: "quorum", replicas: 3 }, datatype: "INT32" }),
  "no checks": () => play({ n: 4, rows: 8, verification: { mode: "none" }, runners: 2 }),
  "a wrong answer, found by a referee": () =>
    play({ n: 5, rows: 24, shard_rows: 8, referees: 1, conduct: { 0: always } }),
  "a wrong check, found by a referee": () =>
    play({ n: 6, rows: 12, runners: 3, referees: 1, conduct: { 2: always } }),
  "a wrong answer, found by votes": () => play({ n: 7, rows: 8, runners: 8, conduct: { 0: always } }),
  "a difference that honest machines may show": () =>
    play({ n: 8, rows: 8, runners: 3, referees: 1, conduct: { 0: () => 0.002 } }),
  "a recall that finds a result wrong": async () => {
    // Two that know each other's work and cover for it, until one is convicted elsewhere.
    const lies = (shard: number): number => (shard === 0 ? 1 : 0);
    const cabal = { rows: 12, runners: 2, referees: 1, conduct: { 0: lies, 1: lies } };
    const story = await play({ n: 9, ...cabal });
    return (await story.recall(0).join(3)).run();
  },
  "a recall that finds a result right": async () => {
    const story = await play({ n: 10, rows: 12, runners: 4 });
    return story.recall(0).run();
  },
  "a thorough recall": async () => {
    const story = await play({ n: 15, rows: 12, runners: 4 });
    return story.recall(0, true).run();
  },
  "tests of runners among the work": () => play({ n: 11, rows: 24, runners: 4, chance: 0 }),
  "a list": () => play({ n: 12, rows: 8, merge: "list" }),
  "a sum": () => play({ n: 13, rows: 8, merge: "sum" }),
  "makers that have become better known before the end": async () => {
    // Each commits and checks what the plan asks for; the bound would take more, had they not grown meanwhile.
    const story = await ReceiptStory.begin({
      ...{ n: 16, rows: 20, shard_rows: 10, runners: 8, passed: 20 },
      verification: { assurance: 0.9999 },
    });
    while (story.progress.index.unaccepted > 0)
      for (const n of story.signers.keys()) {
        const tasks = story.ask(n);
        if (tasks.length > 0) await story.work(n, tasks);
      }
    story.grow(5_000).draw();
    return story.run();
  },
  "a runner that contradicts itself": async () => {
    const story = await ReceiptStory.begin({ n: 17, rows: 12, runners: 4 });
    await story.work(0, story.ask(0));
    return (await story.contradict(0)).run();
  },
  "an auditor that never comes": async () => {
    const story = await ReceiptStory.begin({ n: 14, rows: 8, runners: 3 });
    story.silence(2);
    return story.run();
  },
} as const satisfies Record<string, () => Promise<ReceiptStory>>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];
