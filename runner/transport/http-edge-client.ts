import { BINARY_TYPE, decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import { ChallengeOffer, MeasuredSpeed } from "@infernet/schemas/challenge";
import type { NetworkId } from "@infernet/schemas/commitment";
import { Demand } from "@infernet/schemas/demand";
import { type Bytes, Sha256 } from "@infernet/schemas/digest";
import { Earnings, PayoutView } from "@infernet/schemas/earning";
import { LIMITS } from "@infernet/schemas/limits";
import { StreamDown } from "@infernet/schemas/llm/stream-message";
import { ModelManifest, ModelName, manifestDigest } from "@infernet/schemas/model";
import { type PageQuery, pageOf } from "@infernet/schemas/page";
import { PayoutOrder } from "@infernet/schemas/payout";
import { AttestationText } from "@infernet/schemas/peer/attestation";
import { BootstrapAddress } from "@infernet/schemas/peer/bootstrap";
import { Ban } from "@infernet/schemas/provider";
import {
  Capability,
  HeartbeatResponse,
  PollResponse,
  RunnerWelcome,
  SubmissionResponse,
} from "@infernet/schemas/runner";
import { SIGNATURE, signatureTagFor } from "@infernet/schemas/signature";
import pRetry from "p-retry";
import { z } from "zod";
import type { Identity } from "../identity/identity.ts";
import type { EdgeClient } from "./edge-client.ts";
import { EdgeRefusal, EdgeUnreachable, readRefusal } from "./edge-error.ts";
import type { EdgeFetch } from "./edge-fetch.ts";
import { EdgeReturn } from "./edge-return.ts";
import { openPostLink } from "./post-link.ts";
import { signRequest } from "./sign-request.ts";
import { startTimeLimit } from "./time-limit.ts";
import { openWebSocketLink } from "./web-socket-link.ts";

export interface HttpEdgeOptions {
  /** Base address of the edge, as in `https://edge.example`. */
  edge: string;
  identity: Identity;
  /** Instead of HTTP, which then carries no WebSockets: tokens go in posts. */
  fetch?: EdgeFetch;
  /** The network that its requests are for, where they are to be good at no other. */
  network?: NetworkId;
  /** Told once when the edge stops answering, with the reason, and once when it answers again. */
  onUnreachable?(detail: string): void;
  onBack?(): void;
  /** Told of every exchange: how long it took, and whether there was an answer. */
  onExchange?(exchange: { path: string; ms: number; isAnswered: boolean }): void;
  /** Shorter in tests. */
  retry_ms_min?: number;
  request_timeout_ms?: number;
}

interface Call {
  method: "GET" | "POST" | "PUT";
  path: string;
  body?: Bytes;
  type?: string;
  timeout_ms?: number;
  /** Whether its answer's body is handed on unread. */
  isStreamed?: boolean;
  /** The part of a body that is wanted (RFC 9110 section 14.2). */
  range?: string;
}

const JSON_TYPE = "application/json";
/** Of a model and of a provider only this: an edge of another version may say more. */
const Described = z.object({ manifest: ModelManifest });
const Named = z.object({ digest: Sha256, names: z.array(ModelName), manifest: ModelManifest });
/** One that an edge of another version spells in another way is left out. */
const Bootstrap = z.object({
  bootstrap: z
    .array(z.string())
    .transform((texts) =>
      texts.filter((text) => BootstrapAddress.safeParse(text).success).slice(0, LIMITS.bootstrap_peers_max),
    ),
});
const Banned = z.object({ ban: Ban.nullable() });
const Timed = z.object({ now_ms: z.int() });
const Recorded = z.object({
  capability: Capability,
  ban: Ban.nullable(),
  reputation: z.object({
    score: z.number(),
    audits_passed: z.int(),
    convictions: z.int(),
    shards_completed: z.int(),
    shards_failed: z.int(),
    shards_expired: z.int(),
    is_new: z.boolean(),
  }),
});
/** An edge of another version may say more in it, and has signed that. */
const Attested = z.object({ signed: AttestationText });
const Payouts = pageOf(PayoutView);
const Withdrawal = z.strictObject({ data: z.array(PayoutOrder) });

/** The edge over HTTP, every request signed, on `fetch`, which keeps connections open. */
export function createHttpEdgeClient(options: HttpEdgeOptions): EdgeClient {
  const exchange = createExchange(options);
  const json = (path: string, message: unknown): Call => ({
    method: "POST",
    path,
    type: JSON_TYPE,
    body: new TextEncoder().encode(JSON.stringify(message)),
  });
  const postStream: EdgeClient["postStream"] = (message, signal) => {
    const timeout_ms = LIMITS.stream_silence_ms_max;
    const body = encodeBinary(message);
    const call: Call = { method: "POST", path: "/runner/stream", type: BINARY_TYPE, body, timeout_ms };
    return exchange.once(call, readBinary(StreamDown), signal);
  };
  return {
    register: (registration, signal) =>
      exchange.patiently(json("/runner/register", registration), readJson(RunnerWelcome), signal, "forever"),
    poll: (request, signal) => {
      const timeout_ms = request.wait_ms + LIMITS.runner_poll_grace_ms;
      const call = { ...json("/runner/poll", request), timeout_ms };
      return exchange.patiently(call, readBinary(PollResponse), signal, "forever");
    },
    leave: (signal) => {
      const call = { ...json("/runner/leave", {}), timeout_ms: LIMITS.runner_leave_ms_max };
      return exchange.once(call, discard, signal);
    },
    heartbeat: (heartbeat, signal) =>
      exchange.once(json("/runner/heartbeat", heartbeat), readJson(HeartbeatResponse), signal),
    challenge: (signal) => exchange.once(json("/runner/challenge", {}), readJson(ChallengeOffer), signal),
    answerChallenge: (answer, signal) => {
      const path = "/runner/challenge/answer";
      const call: Call = { method: "POST", path, type: BINARY_TYPE, body: encodeBinary(answer) };
      return exchange.once(call, readJson(MeasuredSpeed), signal);
    },
    downloadProbe: (signal) =>
      exchange.once(
        { method: "GET", path: "/runner/bandwidth" },
        async (response) => new Uint8Array(await response.arrayBuffer()),
        signal,
      ),
    uploadProbe: (body, signal) => {
      const type = "application/octet-stream";
      return exchange.once({ method: "POST", path: "/runner/bandwidth", type, body }, discard, signal);
    },
    submit: (submission, signal, timeout_ms) => {
      const body = encodeBinary(submission);
      const call: Call = {
        ...{ method: "POST", path: "/runner/results", type: BINARY_TYPE, body },
        ...(timeout_ms === undefined ? {} : { timeout_ms }),
      };
      return exchange.patiently(call, readJson(SubmissionResponse), signal, "forever");
    },
    openStream: (job, listener) => {
      const onOpen = (): void => {
        exchange.noteAnswered();
        listener.onOpen();
      };
      if (options.fetch !== undefined) return openPostLink(postStream, { ...listener, onOpen });
      return openWebSocketLink(options, job, { ...listener, onOpen });
    },
    postStream,
    getManifest: async (digest, signal) => {
      const path = `/models/${digest}`;
      const { manifest } = await exchange.patiently(
        { method: "GET", path },
        readJson(Described),
        signal,
        "briefly",
      );
      const actual = await manifestDigest(manifest);
      if (actual === digest) return manifest;
      throw new EdgeRefusal(`GET ${path}: the manifest has the digest ${actual}`, 502, null);
    },
    findModel: async (ref, signal) => {
      const path = `/models/${encodeURIComponent(ref)}`;
      const found = await exchange.patiently(
        { method: "GET", path },
        readJson(Named),
        signal,
        "while_it_answers",
      );
      const actual = await manifestDigest(found.manifest);
      if (actual === found.digest) return found;
      throw new EdgeRefusal(`GET ${path}: the manifest has the digest ${actual}`, 502, null);
    },
    getBlob: (sha256, signal, start = 0) => {
      const call: Call = {
        method: "GET",
        path: `/blobs/${sha256}`,
        timeout_ms: LIMITS.runner_blob_timeout_ms,
        isStreamed: true,
        ...(start > 0 ? { range: `bytes=${start}-` } : {}),
      };
      return exchange.patiently(call, start > 0 ? readFrom(start) : readStream, signal, "briefly");
    },
    putBlob: (sha256, body, signal) => {
      const path = `/blobs/${Sha256.parse(sha256)}`;
      const type = "application/octet-stream";
      const call: Call = { method: "PUT", path, type, body, timeout_ms: LIMITS.runner_blob_timeout_ms };
      return exchange.patiently(call, discard, signal, "forever");
    },
    getTime: async (signal) =>
      (await exchange.once({ method: "GET", path: "/network" }, readJson(Timed), signal)).now_ms,
    getPeers: async (signal) => {
      try {
        return (await exchange.once({ method: "GET", path: "/peers" }, readJson(Bootstrap), signal))
          .bootstrap;
      } catch (error) {
        if (error instanceof EdgeRefusal && error.code === "not_found") return [];
        throw error;
      }
    },
    getAttestation: async (signal) => {
      const path = `/providers/${options.identity.id}/attestation`;
      try {
        return (await exchange.once({ method: "GET", path }, readJson(Attested), signal)).signed;
      } catch (error) {
        if (error instanceof EdgeRefusal && error.code === "not_found") return null;
        throw error;
      }
    },
    getDemand: (signal) => exchange.once({ method: "GET", path: "/runner/demand" }, readJson(Demand), signal),
    getRecord: async (signal) => {
      const path = `/providers/${options.identity.id}`;
      try {
        return await exchange.once({ method: "GET", path }, readJson(Recorded), signal);
      } catch (error) {
        if (error instanceof EdgeRefusal && error.code === "not_found") return null;
        throw error;
      }
    },
    getBan: async (signal) => {
      const path = `/providers/${options.identity.id}`;
      return (await exchange.once({ method: "GET", path }, readJson(Banned), signal)).ban;
    },
    appeal: (appeal, signal) => exchange.once(json("/runner/appeal", appeal), discard, signal),
    getEarnings: (query, signal) =>
      exchange.patiently(
        page("/providers/me/earnings", query),
        readJson(Earnings),
        signal,
        "while_it_answers",
      ),
    listPayouts: (query, signal) =>
      exchange.patiently(page("/providers/me/payouts", query), readJson(Payouts), signal, "while_it_answers"),
    withdraw: async (signal) =>
      (await exchange.once(json("/providers/me/payouts", {}), readJson(Withdrawal), signal)).data,
  };
}

function page(path: string, { limit, cursor }: PageQuery): Call {
  const query = new URLSearchParams({ limit: String(limit), ...(cursor === undefined ? {} : { cursor }) });
  return { method: "GET", path: `${path}?${query}` };
}

type Read<T> = (response: Response, path: string) => Promise<T>;

/** `while_it_answers`: as `briefly`, and an edge that does not answer is given up at once. */
type Patience = "while_it_answers" | "briefly" | "forever";

interface Exchange {
  once<T>(call: Call, read: Read<T>, signal: AbortSignal): Promise<T>;
  /**
   * Retries with jittered back-off for as long as the edge does not answer, and at once when it answers others; an edge that answers 408, 429 or 5xx is
   * asked again `runner_attempts_max` times or, where nothing is gained by giving up, forever.
   */
  patiently<T>(call: Call, read: Read<T>, signal: AbortSignal, how: Patience): Promise<T>;
  /** The edge is there, as something else has shown. */
  noteAnswered(): void;
}

function createExchange(options: HttpEdgeOptions): Exchange {
  const { edge, identity, onUnreachable, onBack } = options;
  const base = edge.replace(/\/+$/, "");
  const edgeReturn = new EdgeReturn();
  const send: EdgeFetch = options.fetch ?? fetch;
  const tag = options.network === undefined ? SIGNATURE.tag : signatureTagFor(options.network);
  let isReachable = true;

  const heard = (error: unknown): void => {
    if (error instanceof EdgeUnreachable && isReachable) {
      isReachable = false;
      onUnreachable?.(error.message);
    } else if (!(error instanceof EdgeUnreachable) && !isReachable) {
      isReachable = true;
      edgeReturn.announce();
      onBack?.();
    }
  };

  const once = async <T>(call: Call, read: Read<T>, signal: AbortSignal): Promise<T> => {
    const url = `${base}${call.path}`;
    const body = call.body ?? null;
    const limit_ms = call.timeout_ms ?? options.request_timeout_ms ?? LIMITS.runner_request_timeout_ms;
    const limit = startTimeLimit(limit_ms);
    const started_ms = performance.now();
    const tell = (isAnswered: boolean): void =>
      options.onExchange?.({ path: call.path, ms: performance.now() - started_ms, isAnswered });
    try {
      const response = await send(url, {
        method: call.method,
        body,
        redirect: "error",
        signal: AbortSignal.any([signal, limit.signal]),
        headers: {
          ...signRequest({ method: call.method, url, body }, identity, Math.floor(Date.now() / 1_000), tag),
          ...(call.type ? { "content-type": call.type } : {}),
          ...(call.range ? { range: call.range } : {}),
        },
      });
      if (!response.ok) throw await readRefusal(response, `${call.method} ${call.path}`);
      const result = await read(response, call.path);
      heard(null);
      tell(true);
      return result;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const failure =
        error instanceof EdgeRefusal ? error : unreachable(error, edge, limit.signal.aborted, limit_ms);
      heard(failure);
      tell(failure instanceof EdgeRefusal);
      throw failure;
    } finally {
      // A body that is read as it comes is still under the limit.
      if (!call.isStreamed) limit.lift();
    }
  };

  return {
    once,
    noteAnswered: () => heard(null),
    patiently: (call, read, signal, how) => {
      let refusals = 0;
      const isWorthRepeating = (error: Error): boolean => {
        if (error instanceof EdgeUnreachable) return how !== "while_it_answers";
        if (!(error instanceof EdgeRefusal && error.isPassing)) return false;
        refusals += 1;
        return how === "forever" || refusals < LIMITS.runner_attempts_max;
      };
      return pRetry(() => once(call, read, signal), {
        retries: Number.POSITIVE_INFINITY,
        // What is waited is waited here, as it may end early.
        maxTimeout: 0,
        minTimeout: 0,
        signal,
        shouldRetry: async ({ error, attemptNumber }) => {
          if (!isWorthRepeating(error)) return false;
          const wait_ms = backOff(attemptNumber, options.retry_ms_min ?? LIMITS.runner_retry_ms_min);
          if (error instanceof EdgeUnreachable) await edgeReturn.wait(wait_ms, signal);
          else await NOBODY.wait(Math.max(wait_ms, retryAfterOf(error)), signal);
          return true;
        },
      });
    },
  };
}

/** For a wait that nothing ends early: an edge that is busy is not asked sooner. */
const NOBODY = new EdgeReturn();

/** Twice as long each time, and up to twice that by chance. */
const backOff = (attempt: number, retry_ms_min: number): number =>
  Math.min(LIMITS.runner_retry_ms_max, retry_ms_min * 2 ** Math.min(attempt - 1, 16) * (1 + Math.random()));

const retryAfterOf = (error: Error): number =>
  Math.min(
    (error instanceof EdgeRefusal ? error.retry_after_ms : null) ?? 0,
    LIMITS.runner_retry_after_ms_max,
  );

function unreachable(error: unknown, edge: string, timedOut: boolean, limit_ms: number): EdgeUnreachable {
  if (timedOut) return new EdgeUnreachable(`${edge} did not answer within ${limit_ms} ms`, { cause: error });
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new EdgeUnreachable(`${edge} does not answer: ${why}`, { cause: error });
}

/** An answer of another shape is an edge this runner cannot work with, now; it may be in the middle of a deployment. */
function parsed<T>(schema: z.ZodType<T>, path: string, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const detail = `the answer does not fit the schema at /${issue?.path.join("/")}: ${issue?.message}`;
  throw new EdgeRefusal(`${path}: ${detail}`, 502, null);
}

const readJson =
  <T>(schema: z.ZodType<T>): Read<T> =>
  async (response, path) => {
    const text = await response.text();
    return parsed(
      schema,
      path,
      decodeOr(null, () => JSON.parse(text)),
    );
  };

const readBinary =
  <T>(schema: z.ZodType<T>): Read<T> =>
  async (response, path) => {
    const bytes = new Uint8Array(await response.arrayBuffer());
    return parsed(
      schema,
      path,
      decodeOr(null, () => decodeBinary(bytes)),
    );
  };

const readStream: Read<AsyncIterable<Uint8Array>> = async (response, path) => {
  if (response.body) return response.body;
  throw new EdgeRefusal(`${path}: the answer has no body`, 502, null);
};

/** Whoever does not know ranges sends all of it: what was not asked for is passed over. */
const readFrom =
  (start: number): Read<AsyncIterable<Uint8Array>> =>
  async (response, path) => {
    const body = await readStream(response, path);
    return response.status === 206 ? body : skip(body, start);
  };

async function* skip(stream: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const piece of stream) {
    if (piece.length > left) yield piece.subarray(left);
    left = Math.max(0, left - piece.length);
  }
}

const discard: Read<void> = async (response) => {
  await response.arrayBuffer();
};

function decodeOr(otherwise: null, decode: () => unknown): unknown {
  try {
    return decode();
  } catch {
    return otherwise;
  }
}
