import { randomInt } from "node:crypto";
import type { JobId } from "@infernet/schemas/ids";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { beforeAll, expect, test } from "vitest";
import { TINYLM_ANSWER, uploadTinylm } from "../fixtures/tinylm-model.ts";
import { findEngineProcess } from "../network/find-engine-process.ts";
import { type FollowedCompletion, followCompletion } from "../network/follow-completion.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { streamJob } from "../network/stream-job.ts";
import { useEdge } from "./use-edge.ts";

const TOKENS = 400;
const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
console.info(`seed ${seed}; SEED=${seed} repeats it`);
const random = seededRandom(seed);

const live = useEdge();
const runners: RunnerProcess[] = [];
let undisturbed: FollowedCompletion;

const start = async (tokens = TOKENS): Promise<JobId> =>
  (await live.client.createJob(streamJob("tinylm", TINYLM_ANSWER.prompt, tokens))).id;
const addRunner = async (name: string): Promise<void> => {
  runners.push(await live.addRunner(name));
};
/** The runner that took the job last. */
function holderOf(id: JobId): RunnerProcess {
  const holds = ({ program }: RunnerProcess): boolean =>
    program.lines.some((line) => line.event === "leased" && JSON.stringify(line).includes(id));
  const found = runners.find(holds);
  if (found === undefined) throw new Error(`nobody has ${id}`);
  return found;
}

/** Reads a completion in the middle of which something happens, at a position drawn by chance. */
async function disturb(happens: (holder: RunnerProcess) => unknown): Promise<FollowedCompletion> {
  const id = await start();
  const at = 1 + Math.floor(random() * (TOKENS / 2));
  let happened: Promise<unknown> | null = null;
  const read = await followCompletion(live.client, id, (positions) => {
    if (positions >= at) happened ??= Promise.resolve(happens(holderOf(id)));
  });
  await happened;
  return read;
}

beforeAll(async () => {
  await uploadTinylm(live.client);
  await Promise.all(["ann", "bob"].map(addRunner));
  undisturbed = await followCompletion(live.client, await start());
});

test("a completion is streamed as it is made, and is the known one", () => {
  expect(undisturbed.text.startsWith(TINYLM_ANSWER.greedyText)).toBe(true);
  expect(undisturbed.positions).toBe(TOKENS);
  expect(undisturbed.finished).toMatchObject({ finish_reason: "length", continued: null });
  expect(undisturbed.types.at(-1)).toBe("job.succeeded");
});

test("a reader sees no gap and no other text when the engine is killed in the middle", async () => {
  const read = await disturb(({ program }) => {
    const engine = findEngineProcess(program.pid);
    if (engine === null) throw new Error("the runner has no engine");
    process.kill(engine, "SIGKILL");
  });
  expect(read.text).toBe(undisturbed.text);
  expect(read.types).not.toContain("shards.returned");
});

test("a reader sees no gap and no other text when the runner is killed in the middle", async () => {
  const read = await disturb(({ program }) => program.kill());
  expect(read.text).toBe(undisturbed.text);
  expect(read.types).toContain("shards.returned");
  expect(read.finished).toMatchObject({ continued: "exact" });
});

test("a reader that comes again sees no gap and no other text when the edge is killed in the middle", async () => {
  const read = await disturb(async () => {
    await live.edge.program.kill();
    await live.restartEdge();
  });
  expect(read.text).toBe(undisturbed.text);
  expect(read.types.at(-1)).toBe("job.succeeded");
});
