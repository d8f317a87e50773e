import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { CallFaultKind } from "../faults/fault-plan.ts";
import { dispatch } from "./dispatch.ts";
import { type Answer, type Call, failure, isCall, readCalls, writeJson } from "./json-rpc.ts";
import type { MethodContext } from "./method.ts";
import { BODY_BYTES_MAX, readBody } from "./read-body.ts";
import { RpcError } from "./rpc-error.ts";
import type { Trace } from "./trace.ts";

const SLOTS_BEHIND = 42;

/** Answers `POST` with JSON-RPC, and `GET /health`. */
export function createHttpHandler(context: MethodContext, trace: Trace) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === "GET" && request.url === "/health") return end(response, 200, "ok");
    if (request.method !== "POST")
      return end(response, 405, "Used HTTP Method is not allowed. POST is required");
    // A web page cannot send this type to another origin without asking first, and nothing here grants it.
    if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
      return end(
        response,
        415,
        "Supplied content type is not allowed. Content-Type: application/json is required",
      );
    }
    const body = await readBody(request);
    if (body === null) return end(response, 413, `The body has more than ${BODY_BYTES_MAX} bytes`);
    const latency_ms = context.faults.latency_ms();
    if (latency_ms > 0) await delay(latency_ms);
    await answerBody(context, trace, body, response);
  };
}

async function answerBody(context: MethodContext, trace: Trace, body: string, response: ServerResponse) {
  let batch: ReturnType<typeof readCalls>;
  try {
    batch = readCalls(body);
  } catch (error) {
    return endJson(response, failure(null, error));
  }
  const planned = batch.calls.map((call) => ({
    call,
    fault: isCall(call) ? context.faults.ofCall(call.method) : null,
  }));
  for (const { fault } of planned) if (fault !== null && failTransport(fault, response)) return;

  const answers: Answer[] = [];
  for (const { call, fault } of planned) answers.push(await answerCall(context, trace, call, fault));
  if (planned.some(({ fault }) => fault === "answer_lost")) return reset(response);
  const [only] = answers;
  endJson(response, batch.isBatch || only === undefined ? answers : only);
}

async function answerCall(
  context: MethodContext,
  trace: Trace,
  call: Call | Answer,
  fault: CallFaultKind | null,
): Promise<Answer> {
  if (!isCall(call)) return call;
  const answer = fault === "node_behind" ? failure(call.id, nodeBehind()) : await dispatch(context, call);
  trace({ transport: "http", method: call.method, error: "error" in answer ? answer.error.code : null });
  return answer;
}

const nodeBehind = () =>
  new RpcError("node_behind", `Node is behind by ${SLOTS_BEHIND} slots`, { numSlotsBehind: SLOTS_BEHIND });

/** Fails the request as a whole, before anything in it is carried out; says whether the fault is of that sort. */
function failTransport(fault: CallFaultKind, response: ServerResponse): boolean {
  switch (fault) {
    case "http_500":
      end(response, 500, "Internal Server Error");
      return true;
    case "http_429":
      end(response, 429, "Too many requests");
      return true;
    case "reset":
      reset(response);
      return true;
    case "node_behind":
    case "answer_lost":
      return false;
    default:
      return fault satisfies never;
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" }).end(text);
}

function endJson(response: ServerResponse, answer: Answer | Answer[]): void {
  response.writeHead(200, { "content-type": "application/json" }).end(writeJson(answer));
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}
