import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { createLlmEngine } from "infernet-runner/engine/llm/llm-engine";
import { LlmSession } from "infernet-runner/engine/llm/llm-session";
import { interruptAtRandom, makeCompletions } from "infernet-runner/engine/llm/testing/interrupt-at-random";
import { killGenerators } from "infernet-runner/engine/llm/testing/kill-generators";
import { TINYLM_DIR, tinylmManifest } from "infernet-runner/engine/llm/testing/tinylm";
import { createOnnxEngine } from "infernet-runner/engine/onnx/onnx-engine";
import { killChildren } from "infernet-runner/engine/onnx/testing/kill-children";
import { tryMutations } from "infernet-runner/engine/onnx/testing/try-mutations";
import { makeVictims } from "infernet-runner/engine/onnx/testing/victims";
import { findBestSandbox } from "infernet-runner/sandbox/detect-sandboxes";

/**
 * `npm run soak:engine -- --models 500 --kills 200 --seed 1`: damaged models through the ONNX engine, in the best sandbox of
 * this machine, and a runner whose engine is killed with SIGKILL while it computes. Every damaged model must end in a
 * result or a reason, and no shard may be lost. `--interruptions 500 --generator-kills 200`: completions that are begun anew
 * at random positions, or whose process is killed under them, none of which may come out otherwise. 0 leaves a part out.
 */

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "500" },
    kills: { type: "string", default: "200" },
    interruptions: { type: "string", default: "500" },
    "generator-kills": { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
  },
});
const random = seededRandom(Number(values.seed));
const { best } = await findBestSandbox();
console.log(`seed ${values.seed}, sandbox '${best.level}'`);

const dir = await mkdtemp(join(tmpdir(), "infernet-soak-"));
try {
  if (Number(values.models) + Number(values.kills) > 0) await soakRows();
  if (Number(values.interruptions) + Number(values["generator-kills"]) > 0) await soakCompletions();
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function soakRows(): Promise<void> {
  const engine = await createOnnxEngine({ sandbox: best, threads: 1, memory_bytes_max: 2 ** 30 });
  const victims = await makeVictims(dir);
  const models = Number(values.models);
  const tally = await tryMutations({ engine, dir, models, at_once: 2, random, victims });
  console.log(`${values.models} damaged models: ${JSON.stringify(tally)}; the runner never ended`);
  const { kills, shards, lost } = await killChildren(join(dir, "home"), engine, Number(values.kills), random);
  console.log(`${kills} kills while it computed ${shards} shards: ${lost.length} lost`);
  for (const { code, detail } of lost) console.error(`${code}: ${detail}`);
  if (lost.length > 0) process.exitCode = 1;
}

/** On one thread and on two, for the bits must not depend on it. */
async function soakCompletions(): Promise<void> {
  const sessions: LlmSession[] = [];
  for (const threads of [1, 2]) {
    const engine = await createLlmEngine({ sandbox: best, threads });
    const session = await engine.loadGenerator(await tinylmManifest(), TINYLM_DIR);
    if (session instanceof LlmSession) sessions.push(session);
  }
  const [session] = sessions;
  if (!session) throw new Error("the engine gave no session in a process of its own");
  const whole = await makeCompletions(sessions, { count: 64, random });
  const interruptions = Number(values.interruptions);
  const { interrupted, different } = await interruptAtRandom(sessions, whole, { interruptions, random });
  console.log(`${interrupted} interruptions: ${different.length} completions came out otherwise`);
  for (const one of different) console.error(JSON.stringify(one));
  const { kills, completions, lost } = await killGenerators(session, whole, {
    kills: Number(values["generator-kills"]),
    random,
  });
  console.log(`${kills} kills while it made ${completions} completions: ${lost.length} lost or otherwise`);
  for (const one of lost) console.error(one);
  if (different.length + lost.length > 0) process.exitCode = 1;
  await Promise.all(sessions.map((one) => one.close()));
}
