import { ERRORS, type ErrorCode, type InfernetError } from "@infernet/schemas/errors";
import { z } from "zod";

/** How OpenAI's API says that a request failed, on every route below `/v1`. */
export const OpenaiError = z
  .strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.string(),
      /** The member at fault, as in `messages[0].content`. */
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .meta({ id: "OpenaiError" });
export type OpenaiError = z.infer<typeof OpenaiError>;

interface Shape {
  status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 503 | 504;
  type: string;
  code: string;
}

const invalid = "invalid_request_error";

/** Failures that OpenAI has a name of its own for, which its clients and their users know. */
const KNOWN: Partial<Record<ErrorCode, Shape>> = {
  authentication_missing: { status: 401, type: invalid, code: "invalid_api_key" },
  authentication_failed: { status: 401, type: invalid, code: "invalid_api_key" },
  model_unknown: { status: 404, type: invalid, code: "model_not_found" },
  not_found: { status: 404, type: invalid, code: "not_found" },
  context_too_long: { status: 400, type: invalid, code: "context_length_exceeded" },
  parameter_unsupported: { status: 400, type: invalid, code: "unsupported_parameter" },
  request_invalid: { status: 400, type: invalid, code: "invalid_value" },
  rate_limited: { status: 429, type: "requests", code: "rate_limit_exceeded" },
  funds_insufficient: { status: 429, type: "insufficient_quota", code: "insufficient_quota" },
};

/** A failure of the catalogue in OpenAI's shape; those without a name there keep ours as `code`. */
export function renderOpenaiError(error: InfernetError): { status: Shape["status"]; body: OpenaiError } {
  const { status, type, code } = KNOWN[error.code] ?? shapeOf(error.code);
  const pointer = error.context.errors?.[0]?.pointer ?? (error.code === "model_unknown" ? "/model" : null);
  const advice = error.code === "request_invalid" ? "" : ` ${ERRORS[error.code].hint}`;
  const message = `${error.message.replace(/\.$/, "")}.${advice}`;
  return {
    status,
    body: { error: { message, type, param: pointer === null ? null : paramOf(pointer), code } },
  };
}

/** OpenAI has 400 for whatever is wrong with a request, where problem documents tell unprocessable from unreadable. */
function shapeOf(code: ErrorCode): Shape {
  const { status } = ERRORS[code];
  if (status === 500 || status === 503 || status === 504) return { status, type: "server_error", code };
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 405:
    case 409:
    case 413:
    case 415:
    case 429:
      return { status, type: invalid, code };
    default:
      return { status: 400, type: invalid, code };
  }
}

/**
 * Says whether a client should try the same again, which OpenAI's would otherwise guess from the status: it repeats any 429,
 * an empty account's too.
 */
export const retryHeader = (code: ErrorCode): Record<string, string> => ({
  "X-Should-Retry": String(ERRORS[code].retryable),
});

/** A JSON pointer as OpenAI writes it: `/messages/0/content` is `messages[0].content`. */
function paramOf(pointer: string): string | null {
  const parts = pointer.split("/").slice(1);
  const param = parts
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part, index) => (/^[0-9]+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join("");
  return param === "" ? null : param;
}
