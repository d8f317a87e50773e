import { env } from "cloudflare:test";
import { sampleAccount } from "@infernet/protocol/testing/sample-ids";
import { expect, it } from "vitest";
import type { StreamRecord } from "../aggregator/stream-records.ts";
import { awaitAnswer } from "./await-answer.ts";
import { sampleAnswerJob, sampleParts, sampleUsage } from "./testing/sample-answer.ts";

const job = sampleAnswerJob(1);

/** A job's stream that gives these records and then nothing more; whether its reader has gone. */
function streamOf(records: StreamRecord[]): { stream: ReadableStream<StreamRecord>; isLeft: () => boolean } {
  let isLeft = false;
  const stream = new ReadableStream<StreamRecord>({
    start: (controller) => {
      for (const record of records) controller.enqueue(record);
    },
    cancel: () => {
      isLeft = true;
    },
  });
  return { stream, isLeft: () => isLeft };
}

it("an answer is there when all rows are answered, and its stream is let go of", async () => {
  const { stream, isLeft } = streamOf([
    sampleParts(0, 0, ["yes"]),
    {
      kind: "finished",
      shard: 0,
      rest: "",
      finish_reason: "stop",
      usage: sampleUsage,
      error: null,
      units: 1,
      continued: null,
    },
  ]);
  const answer = await awaitAnswer(env, sampleAccount(1), job, stream, null);
  expect(answer.choices).toMatchObject([{ text: "yes", positions: 1 }]);
  expect(isLeft()).toBe(true);
});

it("an answer that does not come in time is given up, by a name of its own", async () => {
  const { stream, isLeft } = streamOf([sampleParts(0, 0, ["half"])]);
  const late = awaitAnswer(env, sampleAccount(1), job, stream, null, 20);
  await expect(late).rejects.toMatchObject({ code: "answer_late" });
  expect(isLeft()).toBe(true);
});

it("an answer whose client goes away is not waited for any longer", async () => {
  const { stream, isLeft } = streamOf([sampleParts(0, 0, ["half"])]);
  const abort = new AbortController();
  const waited = awaitAnswer(env, sampleAccount(1), job, stream, abort.signal);
  abort.abort();
  await expect(waited).rejects.toMatchObject({ code: "generation_failed" });
  expect(isLeft()).toBe(true);
});
