import { Job } from "@infernet/schemas/job";
import { describe, expect, it } from "vitest";
import type { StreamRecord } from "../aggregator/stream-records.ts";
import { createAnswer } from "./answer.ts";
import type { AnswerHead } from "./answer-head.ts";
import { ChatStream } from "./chat-stream.ts";
import { parsePositions, streamAnswer } from "./stream-answer.ts";
import { sampleAnswerJob, sampleParts, sampleUsage } from "./testing/sample-answer.ts";

const FINISHED: StreamRecord = {
  kind: "finished",
  shard: 0,
  rest: "",
  finish_reason: "stop",
  usage: sampleUsage,
  error: null,
  units: 1,
  continued: null,
};

/** A job's stream that gives these records as they are asked for. */
class FakeJob {
  pulled = 0;
  canceled = false;
  readonly records: ReadableStream<StreamRecord>;

  constructor(records: StreamRecord[]) {
    this.records = new ReadableStream(
      {
        pull: (controller) => {
          const record = records[this.pulled];
          this.pulled += 1;
          if (record) controller.enqueue(record);
        },
        cancel: () => {
          this.canceled = true;
        },
      },
      { highWaterMark: 0 },
    );
  }

  open(): Promise<ReadableStream<Uint8Array>> {
    const job = sampleAnswerJob(1);
    const head: AnswerHead = { job, model: "tinylm", seed: 1, logprobs: false, choices: 1 };
    const answer = createAnswer(1);
    return streamAnswer(this.records, new ChatStream(head, answer, false), answer);
  }
}

const textOf = async (job: FakeJob): Promise<string> => new Response(await job.open()).text();

describe("an answer as server-sent events", () => {
  it("ends with [DONE], and says after each record which positions have come", async () => {
    const text = await textOf(
      new FakeJob([sampleParts(0, 0, ["a", "b"]), sampleParts(0, 2, ["c"]), FINISHED]),
    );
    expect([...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id)).toEqual(["2", "3", "3"]);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("has a comment while nothing comes, which keeps connections and no client sees", async () => {
    const text = await textOf(new FakeJob([{ kind: "waiting" }, sampleParts(0, 0, ["a"]), FINISHED]));
    expect(text.startsWith(": heartbeat\n\ndata: ")).toBe(true);
  });

  it("is thrown where it comes to an error before anything was sent, so that its status can be answered", async () => {
    const error = { code: "context_too_long" as const, message: "600 tokens" };
    const job = new FakeJob([{ ...FINISHED, finish_reason: null, usage: null, error }]);
    await expect(job.open()).rejects.toMatchObject({ code: "context_too_long" });
    expect(job.canceled).toBe(true);
  });

  it("ends with an error event where it comes to an error later, and without [DONE]", async () => {
    const failed = Job.parse({ ...sampleAnswerJob(1), state: "failed" });
    const text = await textOf(new FakeJob([sampleParts(0, 0, ["a"]), { kind: "end", job: failed }]));
    const last = text.trim().split("\n\n").at(-1) ?? "";
    expect(JSON.parse(last.replace("data: ", ""))).toMatchObject({
      error: { type: "server_error", code: "generation_failed" },
    });
    expect(text).not.toContain("[DONE]");
  });

  it("takes records no faster than its client reads, and lets go of them when the client does", async () => {
    const records = Array.from({ length: 50 }, (_, at) => sampleParts(0, at, ["x"]));
    const job = new FakeJob(records);
    const reader = (await job.open()).getReader();
    await reader.read();
    expect(job.pulled).toBeLessThan(5);
    await reader.cancel();
    expect(job.canceled).toBe(true);
  });
});

it("a Last-Event-ID names a position for each choice, and any other is refused", () => {
  expect(parsePositions(undefined, 2)).toEqual([]);
  expect(parsePositions("12-5", 2)).toEqual([12, 5]);
  for (const bad of ["12", "a-b", "1-2-3", "-1"])
    expect(() => parsePositions(bad, 2)).toThrowError(/2 numbers joined/);
});
