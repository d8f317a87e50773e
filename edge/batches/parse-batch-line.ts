import type { BatchEndpoint, BatchError } from "@infernet/schemas/batch";
import { LIMITS } from "@infernet/schemas/limits";
import { z } from "zod";
import type { FileLine } from "../files/read-lines.ts";
import { describeIssues } from "../http/describe-issues.ts";

/** One request of a batch. Its body is left unread here: whether the model takes it is found out when jobs are made. */
const BatchLine = z.strictObject({
  custom_id: z.string().min(1).max(LIMITS.custom_id_chars_max),
  method: z.literal("POST"),
  url: z.string(),
  body: z.looseObject({ model: z.string().min(1).max(256) }),
});
export type BatchLine = z.infer<typeof BatchLine>;

export type ParsedLine = { request: BatchLine } | { error: BatchError };

/** A line of a batch's input as a request to its endpoint, or what is wrong with it. */
export function parseBatchLine({ number, text }: FileLine, endpoint: BatchEndpoint): ParsedLine {
  const refuse = (code: string, message: string, param: string | null = null): ParsedLine => ({
    error: { code, message, param, line: number },
  });
  if (text === null)
    return refuse(
      "invalid_json_line",
      `This line is not UTF-8, or has more than ${LIMITS.batch_line_bytes_max} bytes.`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("invalid_json_line", "This line is not parseable as valid JSON.");
  }
  const parsed = BatchLine.safeParse(value);
  if (!parsed.success) {
    const [first] = describeIssues(parsed.error.issues);
    const param = first?.pointer.slice(1).replaceAll("/", ".") || null;
    return refuse("invalid_request", `${param ?? "The line"}: ${first?.detail}.`, param);
  }
  if (parsed.data.url !== endpoint)
    return refuse(
      "mismatched_url",
      `The url ${JSON.stringify(parsed.data.url)} is not the batch's endpoint ${endpoint}.`,
      "url",
    );
  return { request: parsed.data };
}

/** Whether a line is there only for the eye. */
export const isBlank = ({ text }: FileLine): boolean => text !== null && text.trim() === "";
