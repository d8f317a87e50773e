import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { type CompletionAsked, hearCompletion, openaiOf } from "../network/chat-client.ts";
import { Cleanup } from "../network/cleanup.ts";
import { followCompletion } from "../network/follow-completion.ts";
import { createStop } from "../network/stop-with-cleanup.ts";
import { streamJob } from "../network/stream-job.ts";
import { type Disaster, startStreamNetwork } from "./stream-network.ts";

/**
 * `npm run soak:streams -- --kills 50 --streams 8 --seed 1`: completions are streamed while runners, their engines and the edge
 * are killed with SIGKILL and lines are cut. Every text must be, byte for byte, what the same request gives undisturbed.
 */

const DISASTERS: readonly Disaster[] = ["runner", "engine", "runner", "edge", "engine", "network"];
const PROMPTS = ["This program is free software", "The licence", "def __init__(self", "You may copy", "If"];
const TOKENS = 440;
const STRIKE_MS_MAX = 600;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    streams: { type: "string", default: "8" },
    seed: { type: "string", default: "1" },
  },
});
const random = seededRandom(Number(values.seed));
const cleanup = new Cleanup();
const stop = createStop(cleanup);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void stop(130));

const { client, strike } = await startStreamNetwork(cleanup);
const openai = openaiOf(client);
const asked = Array.from({ length: Number(values.streams) }, (_, n): CompletionAsked => {
  const prompt = PROMPTS[n % PROMPTS.length] ?? "";
  return { prompt, seed: n, tokens: TOKENS, temperature: n % 3 === 0 ? 0 : 0.8 };
});
const undisturbed: string[] = [];
for (const one of asked) undisturbed.push((await hearCompletion(openai, "tinylm", one)).text);
console.log(`seed ${values.seed}: ${asked.length} streams at a time, ${values.kills} disasters to come`);

const tally: Record<Disaster, number> = { runner: 0, engine: 0, network: 0, edge: 0 };
const faults: string[] = [];
let streams = 0;
for (let kill = 0; kill < Number(values.kills); kill += 1) {
  const disaster = DISASTERS[kill % DISASTERS.length] ?? "runner";
  const started = Promise.withResolvers<void>();
  // The official client is told of nothing but the death of the edge itself.
  const isByEvents = (n: number): boolean => disaster === "edge" || n % 2 === 1;
  const heard = asked.map(async (one, n) => {
    if (!isByEvents(n)) return (await hearCompletion(openai, "tinylm", one, () => started.resolve())).text;
    const { id } = await client.createJob(streamJob("tinylm", one.prompt, one.tokens, one));
    return (await followCompletion(client, id, () => started.resolve())).text;
  });
  const all = Promise.allSettled(heard);
  await started.promise;
  await delay(random() * STRIKE_MS_MAX);
  await strike(disaster, random);
  tally[disaster] += 1;
  for (const [n, outcome] of (await all).entries()) {
    streams += 1;
    if (outcome.status === "rejected") faults.push(`${kill} (${disaster}), stream ${n}: ${outcome.reason}`);
    else if (outcome.value !== undisturbed[n])
      faults.push(`${kill} (${disaster}), stream ${n}: another text`);
  }
  if ((kill + 1) % 10 === 0)
    console.log(`${kill + 1} disasters, ${streams} streams, ${faults.length} faults`);
}
console.log(`${streams} streams through ${JSON.stringify(tally)}: ${faults.length} faults`);
for (const fault of faults) console.log(`  ${fault}`);
await stop(faults.length === 0 ? 0 : 1);
