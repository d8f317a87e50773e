import { promptTokensMax } from "@infernet/protocol/llm/estimate-units";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { LIMITS } from "@infernet/schemas/limits";
import type { Generation } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { z } from "zod";
import type { GenerateOptions, GenerationRun, GenerationSession } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { askServer, readText, ServerUnusable } from "./ask-server.ts";
import { type Chunk, parseChunk } from "./chunk.ts";
import { IncomingCompletion } from "./completion.ts";
import { judgeRefusal } from "./judge-refusal.ts";
import type { ModelServer } from "./model-server.ts";
import { type PlannedRequest, planRequest } from "./plan-request.ts";
import { readStream } from "./read-stream.ts";
import { Watchdog } from "./watchdog.ts";

/** How long a server may be silent. Shorter in tests. */
export interface Patience {
  first_ms: number;
  silence_ms: number;
  tail_ms: number;
}

export const PATIENCE: Patience = {
  first_ms: LIMITS.generation_first_ms_max,
  silence_ms: LIMITS.generation_next_ms_max,
  tail_ms: LIMITS.openai_tail_ms_max,
};

export interface SessionContext {
  server: ModelServer;
  /** The server's name of the model. */
  model: string;
  context_tokens: number;
  quantization: string;
  patience: Patience;
}

/** One model of a server. Nothing is loaded here: when, and for how long, is the server's own affair. */
export function createOpenaiSession(context: SessionContext): GenerationSession {
  const { server, quantization } = context;
  const closing = new AbortController();
  return {
    // The server may be another version by the next request: it is started and stopped by others.
    get execution_class() {
      const { engine, version, execution_provider } = server.offer;
      return ExecutionClass.parse(`${engine}/${version}/${execution_provider}/${quantization}`);
    },
    get at_once_max() {
      return server.at_once_max;
    },
    generate: async (request, options) => {
      const unwanted = AbortSignal.any([options.signal, closing.signal]);
      const leave = await server.gate.acquire(unwanted);
      try {
        return await generate(context, request, options, unwanted);
      } finally {
        leave();
      }
    },
    // A server computes completions and no given text's probabilities: nobody can check what it made.
    score: null,
    close: async () => closing.abort(new EngineFailure("engine_error", "the session was closed")),
  };
}

async function generate(
  context: SessionContext,
  request: GenerationRequest,
  { given, timeout_ms, onPart }: GenerateOptions,
  unwanted: AbortSignal,
): Promise<GenerationRun> {
  const { server, model, context_tokens } = context;
  const started = performance.now();
  const done = (generation: Generation, note: string | null = null): GenerationRun => ({
    generation,
    compute_ms: performance.now() - started,
    ...(note === null ? {} : { note }),
  });
  const { kind } = readingOf(context);
  const standing = given !== null && given.positions > 0 ? given : null;
  const tokens_max = Math.min(request.sampling.tokens_max, context_tokens);
  if (standing?.text === "")
    throw new EngineFailure("engine_crashed", "what stands of it is no text that a server could go on with");
  if (standing && standing.positions >= tokens_max) return done(endedAt(standing));
  const planned = planRequest(model, kind, request, standing);
  if ("error" in planned) return done(planned);
  const incoming = new IncomingCompletion({
    ...{ model, context_tokens, prompt_tokens_max: promptTokensMax(request), tokens_max, given: standing },
    onPart: (part) => onPart?.(part, null),
  });
  const ask = (what: PlannedRequest) => receive(context, what, incoming, timeout_ms, unwanted);
  const first = await ask(planned);
  const refusal = isTooLong(first) && kind === "vllm" ? await ask(withoutLength(planned)) : first;
  if (refusal !== null) return done(refusal);
  const { completion, note } = finished(server, incoming);
  return done(completion, note);
}

const isTooLong = (refusal: Generation | null): boolean =>
  refusal !== null && "error" in refusal && refusal.error.code === "context_too_long";

/**
 * vLLM takes no request whose prompt and longest completion together are longer than its context; told no length, it goes on
 * to the context's end.
 */
function withoutLength({ path, body }: PlannedRequest): PlannedRequest {
  const { max_tokens: _, ...others } = body;
  return { path, body: others };
}

function readingOf({ server, model }: SessionContext) {
  const { reading } = server;
  if (reading?.models.includes(model)) return reading;
  throw new EngineFailure("engine_crashed", `no server here has the model '${model}' at present`);
}

/** All that was asked for stands already. */
const endedAt = ({ text, positions }: Given): Generation => ({
  text,
  tokens: null,
  finish_reason: "length",
  usage: { prompt_tokens: 0, cached_tokens: 0, completion_tokens: positions },
  logprobs: null,
  evidence: null,
});

function finished(server: ModelServer, incoming: IncomingCompletion) {
  try {
    const ended = incoming.finish();
    server.noteSuccess();
    return ended;
  } catch (error) {
    throw failureOf(error, server);
  }
}

/** Reads the answer into `incoming`; what the request's own fault was, if it is one. */
async function receive(
  { server, patience }: SessionContext,
  { path, body }: PlannedRequest,
  incoming: IncomingCompletion,
  timeout_ms: number,
  unwanted: AbortSignal,
): Promise<Generation | null> {
  const ending = new AbortController();
  const late = (detail: string) => (): void => ending.abort(new EngineFailure("engine_timeout", detail));
  const silence = new Watchdog(late("the server was silent for too long"));
  const timeout = setTimeout(late(`longer than ${timeout_ms} ms`), timeout_ms);
  const signal = AbortSignal.any([unwanted, ending.signal]);
  try {
    silence.feed(patience.first_ms);
    const response = await askServer(server.access, path, { body, signal });
    if (!response.ok) {
      const text = await readText(response, LIMITS.openai_refusal_bytes_max);
      return refusedFor(judgeRefusal(response.status, text));
    }
    if (response.body === null) throw new ServerUnusable("its answer is empty");
    for await (const data of readStream(response.body)) {
      signal.throwIfAborted();
      if (data === "[DONE]") break;
      const chunk = parseChunk(data);
      if (chunk.error !== undefined && chunk.error !== null) return refusedWithin(chunk, incoming);
      incoming.take(chunk);
      if (incoming.isComplete) break;
      silence.feed(incoming.isFinished ? patience.tail_ms : patience.silence_ms);
    }
    return null;
  } catch (error) {
    if (unwanted.aborted)
      throw isStall(unwanted.reason) ? failureOf(unwanted.reason, server) : unwanted.reason;
    // Only its count is missing, or the line that says that this was all: another machine could but add to it.
    if (incoming.isFinished) return null;
    throw failureOf(ending.signal.aborted ? ending.signal.reason : error, server);
  } finally {
    silence.callOff();
    clearTimeout(timeout);
    // Ends the connection where it is still open, and with it the server's work.
    ending.abort();
  }
}

/** Whoever asked was first to lose patience. */
const isStall = (reason: unknown): boolean =>
  reason instanceof EngineFailure && reason.code === "engine_timeout";

function refusedFor(refused: ReturnType<typeof judgeRefusal>): Generation {
  if ("failure" in refused) throw new ServerUnusable(refused.failure);
  return refused;
}

const Told = z.looseObject({ code: z.union([z.int(), z.string()]).nullish() });

/** An error in the stream: once something was delivered it can only be the server's. */
function refusedWithin({ error }: Chunk, incoming: IncomingCompletion): Generation {
  const code = Number(Told.safeParse(error).data?.code ?? 500);
  const status = incoming.isBegun || !Number.isInteger(code) ? 500 : code;
  return refusedFor(judgeRefusal(status, JSON.stringify({ error })));
}

/** What the server did wrong is no fault of the job: another machine is asked. */
function failureOf(error: unknown, server: ModelServer): unknown {
  if (!(error instanceof ServerUnusable || error instanceof EngineFailure)) return error;
  server.noteFailure();
  if (error instanceof EngineFailure) return error;
  return new EngineFailure("engine_crashed", `the model's server failed: ${error.message}`, { cause: error });
}
