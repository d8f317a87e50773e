import type { InfernetError } from "@infernet/schemas/errors";
import { Job } from "@infernet/schemas/job";
import { describe, expect, it } from "vitest";
import { StreamRecord } from "../aggregator/stream-records.ts";
import { createAnswer } from "./answer.ts";
import type { AnswerHead } from "./answer-head.ts";
import { ChatCompletion, renderChatCompletion } from "./chat-completion.ts";
import { type ChatChunk, ChatStream } from "./chat-stream.ts";
import { sampleAnswerJob, sampleParts, sampleUsage } from "./testing/sample-answer.ts";

const head = (changes: Partial<AnswerHead> = {}): AnswerHead => ({
  job: sampleAnswerJob(changes.choices ?? 1),
  model: "tinylm",
  seed: 7,
  logprobs: false,
  choices: 1,
  ...changes,
});

const finished = (shard: number, changes: object = {}): StreamRecord =>
  StreamRecord.parse({
    kind: "finished",
    shard,
    rest: "",
    finish_reason: "stop",
    usage: sampleUsage,
    error: null,
    units: 100,
    continued: null,
    ...changes,
  });

function play(records: StreamRecord[], about = head(), withUsage = false): ChatChunk[] {
  const stream = new ChatStream(about, createAnswer(about.choices), withUsage);
  return records.flatMap((record) => stream.render(record));
}

const deltas = (chunks: ChatChunk[]) =>
  chunks.map(({ choices }) =>
    choices.map(({ index, delta, finish_reason }) => [index, delta, finish_reason]),
  );

const ROLE = { role: "assistant", content: "", refusal: null };

describe("the chunks of a chat completion", () => {
  it("are its role, its text as it comes, and its end", () => {
    const chunks = play([
      sampleParts(0, 0, ["It ", "is"]),
      { kind: "waiting" },
      sampleParts(0, 2, [" so"]),
      finished(0, { rest: "." }),
    ]);
    expect(deltas(chunks)).toEqual([
      [[0, ROLE, null]],
      [[0, { content: "It is" }, null]],
      [[0, { content: " so" }, null]],
      [[0, { content: "." }, null]],
      [[0, {}, "stop"]],
    ]);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]?.id).toMatch(/^chatcmpl-/);
  });

  it("end with one that tells of the job, once all choices have ended", () => {
    const about = head({ choices: 2 });
    const chunks = play([finished(1), finished(0, { continued: "best_effort" })], about);
    expect(chunks.slice(0, -1).some((chunk) => "infernet" in chunk)).toBe(false);
    expect(chunks.at(-1)?.infernet).toMatchObject({
      job_id: about.job.id,
      seed: 7,
      continued: "best_effort",
      // 200 of the 1,000 units that 500 micro-units pay for.
      cost: { quoted_micro: "500", tokens_micro: "100" },
    });
  });

  it("have usage where it was asked for: null until a last one without choices", () => {
    const chunks = play([sampleParts(0, 0, ["a"]), finished(0)], head(), true);
    expect(chunks.map(({ usage }) => usage)).toEqual([
      null,
      null,
      null,
      {
        prompt_tokens: 5,
        completion_tokens: 3,
        total_tokens: 8,
        prompt_tokens_details: { cached_tokens: 1 },
      },
    ]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], infernet: { seed: 7 } });
  });

  it("tell how likely tokens were, half a character's too, where it was asked for", () => {
    const parts = sampleParts(0, 0, ["", "ü"], true);
    const [, told] = play([parts], head({ logprobs: true }));
    expect(told?.choices[0]?.logprobs?.content.map(({ logprob }) => logprob)).toEqual([-0.5, -0.5]);
    expect(play([sampleParts(0, 0, [""])])).toHaveLength(1);
  });

  it("say that what came before is void where a completion begins anew", () => {
    const chunks = play([
      sampleParts(0, 0, ["old"]),
      { kind: "restart", shard: 0 },
      sampleParts(0, 0, ["new"]),
    ]);
    expect(chunks.map(({ infernet }) => infernet)).toContainEqual({ restarted: 0 });
    expect(deltas(chunks).at(-2)).toEqual([[0, ROLE, null]]);
  });

  it("pass on what a server says besides text", () => {
    const call = { tool_calls: [{ index: 0, function: { name: "f" } }] };
    const parts = StreamRecord.parse({
      kind: "parts",
      shard: 0,
      start: 0,
      parts: [{ token: null, text: "", logprob: null, delta: call }],
    });
    expect(deltas(play([parts]))).toEqual([[[0, ROLE, null]], [[0, call, null]]]);
  });

  it("are none where the request comes to an error, which is thrown", () => {
    const error = { code: "context_too_long", message: "the prompt is 600 tokens" };
    const failed = finished(0, { finish_reason: null, usage: null, error });
    expect(() => play([failed])).toThrowError(
      expect.objectContaining({ code: "context_too_long" } satisfies Partial<InfernetError>),
    );
  });

  it("are none where the job ends without an answer, which is thrown", () => {
    const job = Job.parse({ ...sampleAnswerJob(1), state: "canceled" });
    expect(() => play([{ kind: "end", job }])).toThrowError(/is canceled/);
    expect(play([finished(0), { kind: "end", job }])).toHaveLength(2);
  });
});

describe("a whole chat completion", () => {
  it("has the text of all parts, the usage of all choices and each prompt once", () => {
    const about = head({ choices: 2, logprobs: true });
    const answer = createAnswer(2);
    const stream = new ChatStream(about, answer, false);
    for (const record of [
      sampleParts(1, 0, ["no"], true),
      sampleParts(0, 0, ["ye", "s"], true),
      finished(1, { finish_reason: "length" }),
      finished(0),
    ])
      stream.render(record);
    const whole = ChatCompletion.parse(renderChatCompletion(about, answer));
    expect(whole.choices).toMatchObject([
      { index: 0, message: { role: "assistant", content: "yes" }, finish_reason: "stop" },
      { index: 1, message: { content: "no" }, finish_reason: "length" },
    ]);
    expect(whole.choices[0]?.logprobs?.content).toHaveLength(2);
    expect(whole.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 });
  });
});
