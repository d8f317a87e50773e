import { describe, expect, it } from "vitest";
import type { StreamRecord } from "../aggregator/stream-records.ts";
import { createAnswer } from "./answer.ts";
import type { AnswerHead } from "./answer-head.ts";
import { sampleAnswerJob, sampleParts, sampleUsage } from "./testing/sample-answer.ts";
import { renderTextCompletion, TextCompletion } from "./text-completion.ts";
import { TextStream } from "./text-stream.ts";

const head: AnswerHead = {
  job: sampleAnswerJob(1),
  model: "tinylm",
  seed: 7,
  logprobs: true,
  choices: 1,
};

const RECORDS: StreamRecord[] = [
  sampleParts(0, 0, ["ab", "c"], true),
  sampleParts(0, 2, ["de"], true),
  {
    kind: "finished",
    shard: 0,
    rest: "!",
    finish_reason: "length",
    usage: sampleUsage,
    error: null,
    units: 1,
    continued: null,
  },
];

describe("a text completion", () => {
  it("is streamed as parts of the same object, with offsets that go on from part to part", () => {
    const stream = new TextStream(head, createAnswer(1), true);
    const chunks = RECORDS.flatMap((record) => stream.render(record));
    expect(chunks.flatMap(({ choices }) => choices)).toMatchObject([
      { text: "abc", logprobs: { tokens: ["ab", "c"], text_offset: [0, 2] }, finish_reason: null },
      { text: "de", logprobs: { text_offset: [3], token_logprobs: [-0.5] }, finish_reason: null },
      { text: "!", logprobs: null, finish_reason: "length" },
    ]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 8 }, infernet: { seed: 7 } });
  });

  it("is whole what its parts were", () => {
    const answer = createAnswer(1);
    const stream = new TextStream(head, answer, false);
    for (const record of RECORDS) stream.render(record);
    expect(TextCompletion.parse(renderTextCompletion(head, answer))).toMatchObject({
      object: "text_completion",
      choices: [
        {
          text: "abcde!",
          logprobs: { text_offset: [0, 2, 3], top_logprobs: [{ ab: -0.5 }, { c: -0.5 }, { de: -0.5 }] },
          finish_reason: "length",
        },
      ],
    });
  });
});
