import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import type { StreamRecord } from "../aggregator/stream-records.ts";
import { type Answer, addRecord, createAnswer, isAnswered } from "./answer.ts";

type RecordReader = ReadableStreamDefaultReader<StreamRecord>;

/**
 * Everything that a job's rows come to, as soon as all are answered: checks are not waited for. A job that takes longer
 * than `wait_ms` is canceled, so that nobody pays on for an answer that nobody gets.
 *
 * @param gone aborted when the client goes away: nobody reads the job's stream on then, which cancels it
 * @throws InfernetError `answer_late`, and what the request came to if that is no answer
 */
export async function awaitAnswer(
  env: Env,
  account: AccountId,
  { id, rows }: Job,
  records: ReadableStream<StreamRecord>,
  gone: AbortSignal | null,
  wait_ms: number = LIMITS.completion_wait_ms_max,
): Promise<Answer> {
  const reader = records.getReader();
  const late = Promise.withResolvers<"late">();
  const leave = (): Promise<void> => reader.cancel();
  gone?.addEventListener("abort", leave, { once: true });
  const timer = setTimeout(() => late.resolve("late"), wait_ms);
  try {
    const answered = await Promise.race([readAll(reader, rows), late.promise]);
    if (answered !== "late") return answered;
  } finally {
    clearTimeout(timer);
    gone?.removeEventListener("abort", leave);
    await reader.cancel();
  }
  await aggregatorOf(env, id).cancel(account, id);
  throw new InfernetError("answer_late", `${id} was not answered within ${wait_ms / 1_000} s`);
}

async function readAll(reader: RecordReader, rows: number): Promise<Answer> {
  const answer = createAnswer(rows);
  while (!isAnswered(answer)) {
    const { done, value } = await reader.read();
    if (done) throw new InfernetError("generation_failed", "The stream of the job ended before its answer.");
    addRecord(answer, value);
  }
  return answer;
}
