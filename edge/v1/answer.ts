import { ERRORS, type ErrorCode, InfernetError } from "@infernet/schemas/errors";
import type { TokenLogprob } from "@infernet/schemas/llm/generation";
import type { StreamRecord } from "../aggregator/stream-records.ts";

type RecordOf<Kind extends StreamRecord["kind"]> = Extract<StreamRecord, { kind: Kind }>;

/** What has come of one completion. */
export interface Choice {
  text: string;
  /** Positions that have come. */
  positions: number;
  logprobs: TokenLogprob[];
  /** Null while it is being made. */
  finished: RecordOf<"finished"> | null;
}

/** What has come of all completions of a request, by the index of their rows. */
export interface Answer {
  choices: Choice[];
}

const createChoice = (): Choice => ({ text: "", positions: 0, logprobs: [], finished: null });

/** @param positions that the reader has already, of each row */
export const createAnswer = (rows: number, positions: readonly number[] = []): Answer => ({
  choices: Array.from({ length: rows }, (_, row) => ({ ...createChoice(), positions: positions[row] ?? 0 })),
});

/** The choice that a record is about. */
export function choiceOf(answer: Answer, shard: number): Choice {
  const choice = answer.choices[shard];
  if (choice === undefined) throw new Error(`there is no row ${shard} of ${answer.choices.length}`);
  return choice;
}

/** Takes in what a record tells. Throws what the request came to if that is no answer. */
export function addRecord(answer: Answer, record: StreamRecord): void {
  switch (record.kind) {
    case "parts": {
      const choice = choiceOf(answer, record.shard);
      choice.text += record.parts.map(({ text }) => text).join("");
      choice.positions = record.start + record.parts.length;
      for (const { logprob } of record.parts) if (logprob !== null) choice.logprobs.push(logprob);
      return;
    }
    case "restart":
      choiceOf(answer, record.shard);
      answer.choices[record.shard] = createChoice();
      return;
    case "finished": {
      if (record.error !== null) throw failureOfRow(record.error);
      const choice = choiceOf(answer, record.shard);
      choice.text += record.rest;
      choice.finished = record;
      return;
    }
    case "end":
      if (!isAnswered(answer)) throw failureOfJob(record);
      return;
    case "event":
    case "waiting":
      return;
    default:
      record satisfies never;
  }
}

/** Whether every completion has been made; checks may still be going on. */
export const isAnswered = ({ choices }: Answer): boolean =>
  choices.every(({ finished }) => finished !== null);

const ROW_FAILURES = {
  context_too_long: { code: "context_too_long", pointer: "/messages" },
  request_unsupported: { code: "parameter_unsupported", pointer: null },
  request_invalid: { code: "request_invalid", pointer: null },
  server_error: { code: "generation_failed", pointer: null },
} as const;

function failureOfRow(error: NonNullable<RecordOf<"finished">["error"]>): InfernetError {
  const { code, pointer } = ROW_FAILURES[error.code];
  const errors = pointer === null ? {} : { errors: [{ pointer, detail: error.message }] };
  return new InfernetError(code, error.message, errors);
}

/** A job that is over without an answer to every row. */
function failureOfJob({ job }: RecordOf<"end">): InfernetError {
  const { error, state } = job;
  if (error === null) return new InfernetError("generation_failed", `${job.id} is ${state}`);
  return new InfernetError(
    isErrorCode(error.code) ? error.code : "generation_failed",
    `${job.id} is ${state}: ${error.detail}`,
  );
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
