import { ERRORS, InfernetError, renderProblem } from "@infernet/schemas/errors";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { AppEnv } from "./app-env.ts";

const UNKNOWN = new InfernetError("internal", "The request failed for a reason on our side.");

/** The problem document (RFC 9457) of a failure. */
export function problemResponse(c: Context<AppEnv>, error: InfernetError): Response {
  const requestId = c.var.requestId ?? null;
  return c.body(JSON.stringify(renderProblem(error, requestId)), ERRORS[error.code].status, {
    "Content-Type": "application/problem+json",
    ...(requestId ? { "X-Request-Id": requestId } : {}),
    ...error.context.headers,
  });
}

/** Hono's error handler: catalogued failures are shown, all others are logged and answered as `internal`. */
export const renderError = (error: Error, c: Context<AppEnv>): Response =>
  problemResponse(c, catalogue(error, c));

/** What was thrown, as the catalogue has it; what it does not have is logged, and is `internal`. */
export function catalogue(error: Error, c: Context<AppEnv>): InfernetError {
  const known = catalogued(error);
  if (known) return known;
  console.error(
    JSON.stringify({
      level: "error",
      message: "a request failed unexpectedly",
      request_id: c.var.requestId ?? null,
      method: c.req.method,
      path: c.req.path,
      error: error.stack ?? String(error),
    }),
  );
  return UNKNOWN;
}

function catalogued(error: Error): InfernetError | null {
  if (error instanceof InfernetError) return error;
  if (!(error instanceof HTTPException)) return null;
  switch (error.status) {
    case 400:
      return new InfernetError("request_malformed", error.message);
    case 415:
      return new InfernetError(
        "unsupported_media_type",
        "The Content-Type is not one that this route takes.",
      );
    default:
      return null;
  }
}
