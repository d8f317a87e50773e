import { fileURLToPath } from "node:url";
import type { Job } from "@infernet/schemas/job";
import { Generation, isCompletion } from "@infernet/schemas/llm/generation";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { splitBytes } from "@infernet/schemas/tensor-bytes";
import { beforeAll, expect, test } from "vitest";
import { TINYLM_ANSWER, uploadTinylm } from "../fixtures/tinylm-model.ts";
import { collectEvents } from "../network/follow-job.ts";
import { trustReferee } from "../network/trust-referee.ts";
import { until } from "../network/until.ts";
import { useEdge } from "./use-edge.ts";

/** Completions by one machine and their checks by another, over real processes with a real model. */

const live = useEdge({ EPOCH_MS: "1000", PRICE_MICRO_PER_CORE_HOUR: "50000000000" });
const SMALLER = fileURLToPath(new URL("../fixtures/smaller-model-runner.ts", import.meta.url));
const ROWS = 8;
/** A new runner gets a small share of a job: it may take some jobs until it has one. */
const WAIT_MS = 60_000;

/** A shard a prompt, so that everybody gets some. */
const create = (): Promise<Job> => {
  const data = Array.from({ length: ROWS }, (_, row) =>
    JSON.stringify(
      GenerationRequest.parse({
        prompt: { kind: "text", text: TINYLM_ANSWER.prompt },
        sampling: { temperature: row === 0 ? 0 : 1, seed: row, tokens_max: 64 },
      }),
    ),
  );
  return live.client.createJob({
    model: "tinylm",
    input: { tensors: [{ name: "request", datatype: "BYTES", shape: [ROWS], data }] },
    shard_rows: 1,
    verification: { mode: "audit", auditors: 1 },
  });
};

async function textsOf({ id }: Job): Promise<string[]> {
  const [output] = await live.client.getResult(id);
  return splitBytes(output?.data ?? new Uint8Array()).map((bytes) => {
    const generation = Generation.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return isCompletion(generation) ? generation.text : "";
  });
}

beforeAll(async () => {
  await uploadTinylm(live.client);
  const [referee] = await Promise.all([
    live.addRunner("themis", { args: ["--referee"] }),
    live.addRunner("ada"),
    live.addRunner("grace"),
  ]);
  await trustReferee(live.edge, referee.id);
});

test("honest machines agree about what they write, and nobody is asked to decide", async () => {
  const { id } = await create();
  await collectEvents(live.client, id);
  const job = await live.client.getJob(id);
  expect(job).toMatchObject({ state: "succeeded", verification: { reached: { audits_passed: ROWS } } });
  expect(job.providers.some(({ convicted }) => convicted)).toBe(false);
});

test("text that a smaller model wrote is found by its first check, and the right one takes its place", async () => {
  const mallory = await live.addRunner("mallory", { file: SMALLER });
  const job = await until(
    "a conviction",
    async () => {
      const { id } = await create();
      await collectEvents(live.client, id);
      const ended = await live.client.getJob(id);
      return ended.providers.some(({ convicted }) => convicted) ? ended : null;
    },
    WAIT_MS,
  );
  expect(job.state).toBe("succeeded");
  expect(job.providers.filter(({ convicted }) => convicted).map((one) => one.id)).toEqual([mallory.id]);
  const [first] = await textsOf(job);
  expect(first?.startsWith(TINYLM_ANSWER.greedyText)).toBe(true);
});
