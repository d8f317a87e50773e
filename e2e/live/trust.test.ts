import { fileURLToPath } from "node:url";
import type { Job } from "@infernet/schemas/job";
import { beforeAll, describe, expect, test } from "vitest";
import {
  GLYPH_BYTES,
  glyphImages,
  glyphLabels,
  glyphsModel,
  imageShape,
  readGlyphs,
} from "../fixtures/glyphs-model.ts";
import type { JobInput } from "../network/api-client.ts";
import { collectEvents } from "../network/follow-job.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { trustReferee } from "../network/trust-referee.ts";
import { until } from "../network/until.ts";
import { uploadModel } from "../network/upload-model.ts";
import { isFrom } from "../network/webhook-receiver.ts";
import { type LiveEdge, useEdge } from "./use-edge.ts";

/** Who lies, in what way, and what becomes of it: over real processes, with a referee that the operator trusts. */

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url));
const IMAGES = 400;
const images = glyphImages().slice(0, IMAGES * GLYPH_BYTES);
const labels = glyphLabels().slice(0, IMAGES);

const createGlyphsJob = async (live: LiveEdge, options: Partial<JobInput> = {}): Promise<Job> =>
  live.client.createJob({
    model: "glyphs",
    input: {
      tensors: [
        {
          name: "images",
          datatype: "UINT8",
          shape: imageShape(images),
          blob: await live.client.putBlob(images),
        },
      ],
    },
    shard_rows: 20,
    ...options,
  });

async function runGlyphsJob(live: LiveEdge, options: Partial<JobInput> = {}): Promise<Job> {
  const { id } = await createGlyphsJob(live, options);
  await collectEvents(live.client, id);
  const job = await live.client.getJob(id);
  expect(job).toMatchObject({ state: "succeeded", error: null });
  return job;
}

async function accuracyOf(live: LiveEdge, job: Job): Promise<number> {
  const [logits] = await live.client.getResult(job.id);
  const read = logits ? readGlyphs(logits) : [];
  return read.filter((label, row) => label === labels[row]).length / IMAGES;
}

const convictedIn = (job: Job): string[] => job.providers.filter((one) => one.convicted).map(({ id }) => id);

async function addReferee(live: LiveEdge): Promise<RunnerProcess> {
  const referee = await live.addRunner("themis", { args: ["--referee"] });
  await trustReferee(live.edge, referee.id);
  return referee;
}

describe("in a network with a trusted referee", () => {
  const live = useEdge({ EPOCH_MS: "2000", PRICE_MICRO_PER_CORE_HOUR: "50000000" });
  let honest: RunnerProcess[];

  beforeAll(async () => {
    await uploadModel(live.client, glyphsModel());
    honest = await Promise.all(["ada", "grace", "edsger"].map((name) => live.addRunner(name)));
    await addReferee(live);
  });

  test("a runner that returns wrong numbers is caught by audits, banned, and the result is right", async () => {
    const cheat = await live.addRunner("mallory", {
      file: fixture("dishonest-runner"),
      environment: { WRONG_SHARE: "0.5" },
    });
    const job = await runGlyphsJob(live, { verification: { assurance: 0.99 } });
    expect(convictedIn(job)).toEqual([cheat.id]);
    expect(await accuracyOf(live, job)).toBeGreaterThan(0.97);
    expect(job.verification.reached.group_error_max).toBeLessThanOrEqual(0.01);
    const provider = await until("the ban", async () => {
      const found = await live.client.getProvider(cheat.id);
      return found.ban === null ? null : found;
    });
    expect(provider).toMatchObject({ marked: true, reputation: { credibility: 0, convictions: 1 } });
    expect(provider.ban?.detail).toContain(job.id);
    expect(await cheat.program.exited).not.toBe(0);
  });

  test("a pair that covers for each other is caught, because neither chooses who checks it", async () => {
    const pair = await Promise.all(
      ["bonnie", "clyde"].map((name) => live.addRunner(name, { file: fixture("colluder-runner") })),
    );
    const job = await runGlyphsJob(live, { verification: { assurance: 0.99 } });
    expect(convictedIn(job).sort()).toEqual(pair.map(({ id }) => id).sort());
    expect(await accuracyOf(live, job)).toBeGreaterThan(0.97);
  });

  test("an auditor that makes honest answers look wrong is the one that is convicted", async () => {
    const framer = await live.addRunner("iago", { file: fixture("framer-runner") });
    const job = await runGlyphsJob(live, { verification: { assurance: 0.99 } });
    expect(convictedIn(job)).toEqual([framer.id]);
    for (const { id } of honest) expect((await live.client.getProvider(id)).ban).toBeNull();
    expect(await accuracyOf(live, job)).toBeGreaterThan(0.97);
  });

  test("a sleeper's hold is taken back when it wakes, and what it did before is checked and upheld", async () => {
    const sleeper = await live.addRunner("rip", { file: fixture("sleeper-runner") });
    const before = await runGlyphsJob(live);
    const held = await until("earnings on hold", async () => {
      const { earned } = (await live.client.getProvider(sleeper.id)).reputation;
      return earned.held_micro === "0" ? null : earned.held_micro;
    });
    process.kill(sleeper.program.pid, "SIGUSR2");
    await sleeper.program.waitFor("sleeper.woke");
    expect(convictedIn(await runGlyphsJob(live))).toEqual([sleeper.id]);
    await until("the earlier job, checked again", async () => {
      const { recall } = (await live.client.getJob(before.id)).verification;
      return recall?.state === "upheld" ? recall : null;
    });
    const { earned } = (await live.client.getProvider(sleeper.id)).reputation;
    expect(earned).toMatchObject({ held_micro: "0", ripe_micro: "0" });
    expect(BigInt(earned.taken_back_micro)).toBeGreaterThanOrEqual(BigInt(held));
  });
});

describe("where liars were alone at first", () => {
  const live = useEdge({ EPOCH_MS: "2000", PRICE_MICRO_PER_CORE_HOUR: "50000000" });

  test("their old results are recalled: the client is told, refunded, and gets the right output", async () => {
    await uploadModel(live.client, glyphsModel());
    const pair = await Promise.all(
      ["bonnie", "clyde"].map((name) => live.addRunner(name, { file: fixture("colluder-runner") })),
    );
    const wrong = await runGlyphsJob(live, { webhook: { url: live.receiver.url } });
    expect(await accuracyOf(live, wrong)).toBeLessThan(0.5);
    expect(convictedIn(wrong)).toEqual([]);

    await Promise.all(["ada", "grace", "edsger"].map((name) => live.addRunner(name)));
    await addReferee(live);
    const right = await runGlyphsJob(live, { verification: { assurance: 0.99 } });
    expect(convictedIn(right).sort()).toEqual(pair.map(({ id }) => id).sort());

    const webhook = await live.receiver.waitFor(({ event }) => event.type === "result.revoked");
    expect(isFrom(webhook, await live.client.webhookKey())).toBe(true);
    const corrected = await live.client.getJob(wrong.id);
    expect(corrected.verification.recall).toMatchObject({ state: "revoked", shards_revoked: 20 });
    expect(webhook.event.data).toMatchObject({
      job_id: wrong.id,
      result_sha256: corrected.result?.sha256,
      revoked: {
        shards: 20,
        refund_micro: corrected.verification.recall?.refund_micro,
        revoked_sha256: wrong.result?.sha256,
      },
    });
    expect(corrected.verification.recall?.refund_micro).toBe(wrong.price.quoted_micro);
    expect(await accuracyOf(live, corrected)).toBeGreaterThan(0.97);
  });
});
