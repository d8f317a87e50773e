import type { InfernetError } from "@infernet/schemas/errors";
import type { Context } from "hono";
import type { AppEnv } from "../http/app-env.ts";
import { renderOpenaiError, retryHeader } from "./openai-error.ts";

/** The answer to a request below `/v1` that failed. */
export function openaiResponse(c: Context<AppEnv>, error: InfernetError): Response {
  const requestId = c.var.requestId ?? null;
  const { status, body } = renderOpenaiError(error);
  return c.body(JSON.stringify(body), status, {
    "Content-Type": "application/json",
    ...(requestId ? { "X-Request-Id": requestId } : {}),
    ...retryHeader(error.code),
    ...error.context.headers,
  });
}

/** Whether a path belongs to the routes that speak OpenAI's API. */
export const isV1Path = (path: string): boolean => path === "/v1" || path.startsWith("/v1/");
