import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { createOnnxEngine } from "infernet-runner/engine/onnx/onnx-engine";
import { killChildren } from "infernet-runner/engine/onnx/testing/kill-children";
import { tryMutations } from "infernet-runner/engine/onnx/testing/try-mutations";
import { makeVictims } from "infernet-runner/engine/onnx/testing/victims";
import { findBestSandbox } from "infernet-runner/sandbox/detect-sandboxes";

/**
 * `npm run soak:engine -- --models 500 --kills 200 --seed 1`: damaged models through the ONNX engine, in the best sandbox of
 * this machine, and a runner whose engine is killed with SIGKILL while it computes. Every damaged model must end in a
 * result or a reason, and no shard may be lost.
 */

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "500" },
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
  },
});
const random = seededRandom(Number(values.seed));
const { best } = await findBestSandbox();
const engine = await createOnnxEngine({ sandbox: best, threads: 1, memory_bytes_max: 2 ** 30 });
console.log(`seed ${values.seed}, sandbox '${best.level}'`);

const dir = await mkdtemp(join(tmpdir(), "infernet-soak-"));
try {
  const victims = await makeVictims(dir);
  const models = Number(values.models);
  const tally = await tryMutations({ engine, dir, models, at_once: 2, random, victims });
  console.log(`${values.models} damaged models: ${JSON.stringify(tally)}; the runner never ended`);
  const { kills, shards, lost } = await killChildren(join(dir, "home"), engine, Number(values.kills), random);
  console.log(`${kills} kills while it computed ${shards} shards: ${lost.length} lost`);
  for (const { code, detail } of lost) console.error(`${code}: ${detail}`);
  if (lost.length > 0) process.exitCode = 1;
} finally {
  await rm(dir, { recursive: true, force: true });
}
