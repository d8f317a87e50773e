import type { BatchEndpoint } from "@infernet/schemas/batch";
import type { BatchUsage, PartLine } from "@infernet/schemas/batch-state";
import { InfernetError } from "@infernet/schemas/errors";
import type { Job } from "@infernet/schemas/job";
import { GENERATION_OUTPUT, Generation, isCompletion } from "@infernet/schemas/llm/generation";
import { tokenUnits } from "@infernet/schemas/llm/token-units";
import type { Tensor } from "@infernet/schemas/tensor";
import { splitBytes } from "@infernet/schemas/tensor-bytes";
import { readVectors, renderEmbeddings } from "../embeddings/render-embeddings.ts";
import { type Answer, addRecord, choiceOf, createAnswer } from "../v1/answer.ts";
import { renderChatCompletion } from "../v1/chat-completion.ts";
import { renderTextCompletion } from "../v1/text-completion.ts";

/** What became of a line whose job has succeeded: the body of an answer, or a row's error. */
export type LineAnswer = { body: unknown; usage: BatchUsage } | { error: InfernetError };

/** The answer to a line from its rows of the result, which begin at `start`. */
export type AnswerLine = (line: PartLine, start: number) => LineAnswer;

/** Reads a job's result for the lines that its rows are of. */
export function readAnswers(endpoint: BatchEndpoint, job: Job, outputs: readonly Tensor[]): AnswerLine {
  switch (endpoint) {
    case "/v1/embeddings":
      return readEmbeddings(outputs);
    case "/v1/chat/completions":
      return readCompletions(job, outputs, renderChatCompletion);
    case "/v1/completions":
      return readCompletions(job, outputs, renderTextCompletion);
    default:
      return endpoint satisfies never;
  }
}

function readEmbeddings(outputs: readonly Tensor[]): AnswerLine {
  const vectors = readVectors(outputs);
  return ({ model, rows: count, encoding = "float" }, start) => {
    const body = renderEmbeddings(vectors, { start, count }, { model, encoding });
    const input_tokens = body.usage.prompt_tokens;
    return { body, usage: { input_tokens, cached_tokens: 0, output_tokens: 0 } };
  };
}

type Render = typeof renderChatCompletion | typeof renderTextCompletion;

function readCompletions(job: Job, outputs: readonly Tensor[], render: Render): AnswerLine {
  const output = outputs.find(({ name }) => name === GENERATION_OUTPUT.name);
  if (output === undefined) throw new InfernetError("output_invalid", "the model gives no `generation`");
  const rows = splitBytes(output.data);
  return ({ line, model, rows: count, generation }, start) => {
    if (generation === undefined) throw new Error(`line ${line} of ${job.id} is no request for a completion`);
    try {
      const answer = readAnswer(rows.slice(start, start + count));
      const body = render({ job, model, ...generation }, answer);
      const { prompt_tokens, completion_tokens, prompt_tokens_details } = body.usage;
      const { cached_tokens } = prompt_tokens_details;
      const usage = { input_tokens: prompt_tokens, cached_tokens, output_tokens: completion_tokens };
      // Lines of one job are answers of their own.
      return { body: { ...body, id: `${body.id}-${line}` }, usage };
    } catch (error) {
      if (error instanceof InfernetError) return { error };
      throw error;
    }
  };
}

/** What a stream of these rows would have told, all at once. Throws the error that one of them is. */
function readAnswer(rows: readonly Uint8Array[]): Answer {
  const answer = createAnswer(rows.length);
  const decoder = new TextDecoder();
  for (const [shard, row] of rows.entries()) {
    const generation = Generation.parse(JSON.parse(decoder.decode(row)));
    const finished = { kind: "finished" as const, shard, units: 0, continued: null };
    if (!isCompletion(generation)) {
      const { error } = generation;
      addRecord(answer, { ...finished, rest: "", finish_reason: null, usage: null, error });
      continue;
    }
    const { text: rest, finish_reason, usage, message, logprobs } = generation;
    choiceOf(answer, shard).logprobs = logprobs ?? [];
    const units = tokenUnits(usage);
    const more = message === undefined ? {} : { message };
    addRecord(answer, { ...finished, rest, finish_reason, usage, error: null, units, ...more });
  }
  return answer;
}
