import type { Job } from "@infernet/schemas/job";
import type { Verdict } from "@infernet/schemas/job-fact";
import type { Tensor } from "@infernet/schemas/tensor";
import { GLYPH_BYTES, glyphsModel, imageShape, readGlyphs } from "../fixtures/glyphs-model.ts";
import { followJob } from "../network/follow-job.ts";
import { uploadModel } from "../network/upload-model.ts";
import { isFrom } from "../network/webhook-receiver.ts";
import type { DemoOptions } from "./demo-options.ts";
import { accuracyOf, type DemoReport, reportProvider } from "./demo-report.ts";
import type { Progress } from "./progress.ts";
import type { DemoNetwork } from "./start-demo-network.ts";

/** Shards enough that every runner gets some, whatever the number of rows. */
const SHARDS = 40;

export interface DemoRun {
  report: DemoReport;
  /** The label of each row, as the network read it. */
  read: number[];
}

export interface DemoAudience {
  onSubmitted: (job: Job) => Progress;
}

/** Submits the images as one job, follows it to its end, fetches the result and checks the webhook. */
export async function runDemoJob(
  network: DemoNetwork,
  { images, labels }: Pick<DemoOptions, "images" | "labels">,
  audience: DemoAudience,
): Promise<DemoRun> {
  const { client, receiver, runners } = network;
  await uploadModel(client, glyphsModel());
  const blob = await client.putBlob(images);
  const rows = images.length / GLYPH_BYTES;

  const started = performance.now();
  const submitted = await client.createJob({
    model: "glyphs",
    input: { tensors: [{ name: "images", datatype: "UINT8", shape: imageShape(images), blob }] },
    verification: { mode: "quorum", replicas: 2 },
    shard_rows: Math.ceil(rows / SHARDS),
    webhook: { url: receiver.url },
    metadata: { from: "demo" },
  });
  const nameOf = (id: string) => runners.find((runner) => runner.id === id)?.name ?? id;
  const verdicts = await showProgress(network, submitted, audience.onSubmitted(submitted), nameOf);

  const job = await client.getJob(submitted.id);
  if (job.state !== "succeeded") throw new Error(`The job ended as ${job.state}: ${job.error?.detail ?? ""}`);
  const webhook = await receiver.waitFor(({ event }) => event.data.job_id === job.id);
  const wall_ms = Math.round(performance.now() - started);
  const verified = isFrom(webhook, await client.webhookKey());

  const read = readGlyphs(logitsOf(await client.getResult(job.id)));
  return {
    read,
    report: {
      job_id: job.id,
      state: job.state,
      accuracy: labels === null ? null : accuracyOf(read, labels),
      rows,
      shards: job.progress.shards,
      wall_ms,
      price_quoted_micro: job.price.quoted_micro,
      providers: runners.flatMap(({ id, name }) =>
        job.providers
          .filter((provider) => provider.id === id)
          .map((provider) => reportProvider(provider, name, verdicts)),
      ),
      webhook: { verified },
    },
  };
}

async function showProgress(
  { client }: DemoNetwork,
  job: Job,
  progress: Progress,
  nameOf: (id: string) => string,
): Promise<Verdict[]> {
  const caught = new Set<string>();
  const verdicts: Verdict[] = [];
  try {
    for await (const event of followJob(client, job.id)) {
      verdicts.push(...event.verdicts);
      for (const { outvoted } of event.verdicts) for (const id of outvoted) caught.add(nameOf(id));
      progress.show(event, [...caught]);
    }
    return verdicts;
  } finally {
    progress.stop();
  }
}

function logitsOf(tensors: readonly Tensor[]): Tensor {
  const logits = tensors.find((tensor) => tensor.name === "logits");
  if (!logits) throw new Error("the result has no logits");
  return logits;
}
