import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { TINYLM_ANSWER, uploadTinylm } from "../fixtures/tinylm-model.ts";
import { createAccount } from "../network/account.ts";
import { Cleanup } from "../network/cleanup.ts";
import { startEdge } from "../network/edge-process.ts";
import { findEngineProcess } from "../network/find-engine-process.ts";
import { followCompletion } from "../network/follow-completion.ts";
import { type RunnerProcess, startRunner } from "../network/runner-process.ts";
import { streamJob } from "../network/stream-job.ts";
import { createTempFolder } from "../network/temp-folder.ts";

/**
 * `npm run soak:streams -- --kills 50 --seed 1`: completions are read as they are made while runners and engines are killed
 * with SIGKILL, as many times as `kills` says. A reader that misses a position, has one twice or another text fails it.
 */

const RUNNERS = 3;
const STREAMS = 3;
const TOKENS = 300;
const KILL_MS = { least: 300, most: 1_500 };

const { values } = parseArgs({
  options: { kills: { type: "string", default: "50" }, seed: { type: "string", default: "1" } },
});
const kills = Number(values.kills);
const random = seededRandom(Number(values.seed));
const cleanup = new Cleanup();
const tally = { kills: 0, runners_killed: 0, completions: 0, gone_on_with: 0 };
const failures: string[] = [];
try {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const edge = await startEdge({ state: join(folder.path, "edge") });
  cleanup.add(edge.program.kill);
  const client = await createAccount(edge, "soak");
  await uploadTinylm(client);
  let started = 0;
  const start = async (): Promise<RunnerProcess> => {
    const runner = await startRunner({ edgeUrl: edge.url, name: `runner-${started++}`, folder: folder.path });
    cleanup.add(runner.program.kill);
    return runner;
  };
  const read = async () =>
    followCompletion(client, (await client.createJob(streamJob("tinylm", TINYLM_ANSWER.prompt, TOKENS))).id);
  const runners = await Promise.all(Array.from({ length: RUNNERS }, start));
  const undisturbed = await read();
  if (!undisturbed.text.startsWith(TINYLM_ANSWER.greedyText))
    throw new Error("the model does not say what it says");

  const follow = async (): Promise<void> => {
    while (tally.kills < kills) {
      const { text, finished, types } = await read();
      tally.completions += 1;
      if (finished?.continued === "exact") tally.gone_on_with += 1;
      if (text !== undisturbed.text || types.at(-1) !== "job.succeeded")
        failures.push(`${types.join(" ")}: ${text}`);
    }
  };
  const kill = async (): Promise<void> => {
    while (tally.kills < kills) {
      await delay(KILL_MS.least + random() * (KILL_MS.most - KILL_MS.least));
      const place = Math.floor(random() * runners.length);
      const { program } = runners[place] as RunnerProcess;
      const engine = random() < 0.5 ? findEngineProcess(program.pid) : null;
      tally.kills += 1;
      if (engine !== null) process.kill(engine, "SIGKILL");
      else {
        tally.runners_killed += 1;
        await program.kill();
        runners[place] = await start();
      }
      if (tally.kills % 10 === 0) console.log(`${JSON.stringify(tally)}, ${failures.length} failed`);
    }
  };
  await Promise.all([kill(), ...Array.from({ length: STREAMS }, follow)]);
} catch (error) {
  failures.push(String(error));
} finally {
  await cleanup.run();
}
console.log(`seed ${values.seed}: ${JSON.stringify(tally)}, ${failures.length} failed`);
for (const failure of failures) console.error(failure);
process.exit(failures.length > 0 ? 1 : 0);
