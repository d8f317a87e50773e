import { InfernetError } from "@infernet/schemas/errors";
import type { Job } from "@infernet/schemas/job";
import type { Model } from "@infernet/schemas/model";
import type { Context } from "hono";
import { openStream } from "../aggregator/open-stream.ts";
import type { StreamRecord } from "../aggregator/stream-records.ts";
import type { AppEnv } from "../http/app-env.ts";
import { type Answer, createAnswer } from "./answer.ts";
import type { AnswerHead } from "./answer-head.ts";
import { awaitAnswer } from "./await-answer.ts";
import type { RowsOfRequest } from "./parse-chat.ts";
import { parsePositions, streamAnswer } from "./stream-answer.ts";
import { drawSeed, idempotencyOf, type JobWishes, submitRows } from "./submit-rows.ts";

/** How one of the routes that answer with text reads its requests and writes its answers. */
export interface TextRoute<Request, Body extends object> {
  parse(request: Request, model: Model, anySeed: number): RowsOfRequest;
  render(head: AnswerHead, answer: Answer): Body;
  stream(head: AnswerHead, answer: Answer, withUsage: boolean): { render(record: StreamRecord): object[] };
}

interface TextRequest extends JobWishes {
  n?: number | null | undefined;
  logprobs?: boolean | number | null | undefined;
  stream?: boolean | null | undefined;
  stream_options?: { include_usage?: boolean | null | undefined } | null | undefined;
}

/** Answers a request for text: whole, or as server-sent events as it is made. */
export async function serveRows<Request extends TextRequest, Body extends object>(
  c: Context<AppEnv>,
  request: Request,
  model: Model,
  route: TextRoute<Request, Body>,
): Promise<Response> {
  const idempotency = await idempotencyOf(c);
  const { rows, seed } = route.parse(request, model, await drawSeed(idempotency));
  const { job, replayed } = await submitRows(c, model, rows, request, idempotency);
  const { logprobs } = request;
  const head: AnswerHead = {
    job,
    model: request.model,
    seed,
    logprobs: logprobs !== undefined && logprobs !== null && logprobs !== false,
    choices: request.n ?? 1,
  };
  c.header("Infernet-Job", job.id);
  if (replayed) c.header("Idempotency-Replayed", "true");
  try {
    return await respond(c, request, head, route);
  } catch (error) {
    throw naming(job, error);
  }
}

async function respond<Request extends TextRequest, Body extends object>(
  c: Context<AppEnv>,
  request: Request,
  head: AnswerHead,
  route: TextRoute<Request, Body>,
): Promise<Response> {
  const { job } = head;
  const account = c.get("account").id;
  const positions = request.stream ? parsePositions(c.req.header("Last-Event-ID"), job.rows) : [];
  const records = await openStream(c.env, account, job.id, { positions, after: null });
  if (!request.stream)
    return c.json(route.render(head, await awaitAnswer(c.env, account, job, records, c.req.raw.signal)), 200);
  const answer = createAnswer(job.rows, positions);
  const maker = route.stream(head, answer, request.stream_options?.include_usage === true);
  return c.body(await streamAnswer(records, maker, answer), 200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
  });
}

/** A failure with the job that it happened to in its headers. */
function naming({ id }: Job, error: unknown): unknown {
  if (!(error instanceof InfernetError)) return error;
  const headers = { ...error.context.headers, "Infernet-Job": id };
  return new InfernetError(error.code, error.message, { ...error.context, headers });
}
