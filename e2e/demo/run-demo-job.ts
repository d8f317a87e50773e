import type { Bytes } from "@infernet/schemas/digest";
import type { Job } from "@infernet/schemas/job";
import type { JobEvent } from "@infernet/schemas/job-event";
import type { Tensor } from "@infernet/schemas/tensor";
import { GLYPH_BYTES, imageShape, readGlyphs } from "../fixtures/glyphs-model.ts";
import type { JobInput } from "../network/api-client.ts";
import { collectEvents, followJob } from "../network/follow-job.ts";
import { until } from "../network/until.ts";
import { isFrom } from "../network/webhook-receiver.ts";
import { checkReceipt } from "./check-receipt.ts";
import type { DemoOptions } from "./demo-options.ts";
import { accuracyOf, type DemoReport, reportProvider } from "./demo-report.ts";
import type { Progress } from "./progress.ts";
import { type DemoNetwork, DISHONEST } from "./start-demo-network.ts";

/** Shards enough that every runner gets some, whatever the number of rows. */
const SHARDS = 40;
/** With four runners each answer can have three auditors at most, which is enough for this much. */
const ASSURANCE = 0.99;
const EARLIER_ROWS = 400;

export interface DemoRun {
  report: DemoReport;
  /** The label of each row, as the network read it. */
  read: number[];
}

export interface DemoAudience {
  onSubmitted: (job: Job) => Progress;
}

/** A job before the demo's own: all runners are honest in it, and earn. */
export async function runEarlierJob(
  network: DemoNetwork,
  { images }: Pick<DemoOptions, "images">,
): Promise<Job> {
  const { client } = network;
  const job = await client.createJob(
    await glyphsJob(network, images.subarray(0, EARLIER_ROWS * GLYPH_BYTES)),
  );
  await collectEvents(client, job.id);
  return client.getJob(job.id);
}

/** Submits the images as one job, follows it to its end, fetches the result and checks webhook and receipt. */
export async function runDemoJob(
  network: DemoNetwork,
  { images, labels }: Pick<DemoOptions, "images" | "labels">,
  earlier: Job,
  audience: DemoAudience,
): Promise<DemoRun> {
  const { client, receiver, runners, referee } = network;
  const cheat = runners.find(({ name }) => name === DISHONEST);
  if (cheat) process.kill(cheat.program.pid, "SIGUSR2");
  const started = performance.now();
  const submitted = await client.createJob({
    ...(await glyphsJob(network, images)),
    webhook: { url: receiver.url },
    metadata: { from: "demo" },
  });
  const nameOf = (id: string) => [...runners, referee].find((runner) => runner.id === id)?.name ?? id;
  const caught = await showProgress(network, submitted, audience.onSubmitted(submitted), nameOf);

  const job = await client.getJob(submitted.id);
  if (job.state !== "succeeded") throw new Error(`The job ended as ${job.state}: ${job.error?.detail ?? ""}`);
  const webhook = await receiver.waitFor(({ event }) => event.data.job_id === job.id);
  const wall_ms = Math.round(performance.now() - started);
  const read = readGlyphs(logitsOf(await client.getResult(job.id)));
  return {
    read,
    report: {
      job_id: job.id,
      state: job.state,
      accuracy: labels === null ? null : accuracyOf(read, labels),
      rows: job.rows,
      shards: job.progress.shards,
      wall_ms,
      price: job.price,
      verification: job.verification,
      providers: await Promise.all(
        job.providers
          .filter(({ id }) => id !== referee.id)
          .map(async (provider) =>
            reportProvider(provider, nameOf(provider.id), await client.getProvider(provider.id)),
          ),
      ),
      caught,
      earlier: { job_id: earlier.id, recall: await recalled(network, earlier, caught.length > 0) },
      webhook: { verified: isFrom(webhook, await client.webhookKey()) },
      receipt: await checkReceipt(client, job.id),
      money: null,
    },
  };
}

async function glyphsJob({ client, escrow }: DemoNetwork, images: Bytes): Promise<JobInput> {
  const blob = await client.putBlob(images);
  return {
    model: "glyphs",
    input: { tensors: [{ name: "images", datatype: "UINT8", shape: imageShape(images), blob }] },
    payment: { unit: "usdc:solana", escrow: escrow.address },
    verification: { assurance: ASSURANCE },
    shard_rows: Math.ceil(images.length / GLYPH_BYTES / SHARDS),
  };
}

type Caught = DemoReport["caught"];

async function showProgress(
  { client }: DemoNetwork,
  job: Job,
  progress: Progress,
  nameOf: (id: string) => string,
): Promise<Caught> {
  const caught: Caught = [];
  try {
    for await (const event of followJob(client, job.id)) {
      caught.push(...findCaught(event, nameOf));
      progress.show(event, [...new Set(caught.map(({ name }) => name))]);
    }
    return caught;
  } finally {
    progress.stop();
  }
}

function findCaught({ verdicts }: JobEvent, nameOf: (id: string) => string): Caught {
  return verdicts.flatMap(({ shard, answer, check, referees }) =>
    (["answer", "check"] as const).flatMap((as) => {
      const { runner, ruling } = as === "answer" ? answer : check;
      return ruling === "convicted"
        ? [{ name: nameOf(runner), shard, as, referees: referees.map(nameOf) }]
        : [];
    }),
  );
}

/** How the earlier job came out of being checked again; nothing is, when nobody was caught. */
async function recalled({ client }: DemoNetwork, earlier: Job, isExpected: boolean): Promise<string | null> {
  if (!isExpected) return null;
  return until("the earlier job, checked again", async () => {
    const { recall } = (await client.getJob(earlier.id)).verification;
    return recall === null || recall.state === "checking" ? null : recall.state;
  });
}

function logitsOf(tensors: readonly Tensor[]): Tensor {
  const logits = tensors.find((tensor) => tensor.name === "logits");
  if (!logits) throw new Error("the result has no logits");
  return logits;
}
