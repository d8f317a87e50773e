import type { BatchEndpoint, BatchError } from "@infernet/schemas/batch";
import { LIMITS } from "@infernet/schemas/limits";
import type { FileLine } from "../files/read-lines.ts";
import { isBlank, parseBatchLine } from "./parse-batch-line.ts";

/** What reading a batch's input to its end found. */
export type Validation = { kind: "accepted"; total: number } | { kind: "refused"; errors: BatchError[] };

/** Reads an input line by line and keeps of it no more than the ids: all lines are requests, or none is worked. */
export async function validateInput(
  lines: AsyncIterable<FileLine>,
  endpoint: BatchEndpoint,
): Promise<Validation> {
  const errors: BatchError[] = [];
  const lineOf = new Map<string, number>();
  let total = 0;
  for await (const line of lines) {
    if (isBlank(line)) continue;
    total += 1;
    if (total > LIMITS.batch_lines_max) {
      const message = `A batch has at most ${LIMITS.batch_lines_max} requests.`;
      errors.push({ code: "too_many_requests", message, param: null, line: line.number });
      break;
    }
    const parsed = parseBatchLine(line, endpoint);
    if ("error" in parsed) errors.push(parsed.error);
    else {
      const { custom_id } = parsed.request;
      const earlier = lineOf.get(custom_id);
      if (earlier === undefined) lineOf.set(custom_id, line.number);
      else errors.push(duplicate(custom_id, earlier, line.number));
    }
    if (errors.length >= LIMITS.batch_errors_max) break;
  }
  if (errors.length > 0) return { kind: "refused", errors };
  if (total > 0) return { kind: "accepted", total };
  const message = "The input file has no requests.";
  return { kind: "refused", errors: [{ code: "empty_file", message, param: null, line: null }] };
}

const duplicate = (custom_id: string, earlier: number, line: number): BatchError => ({
  code: "duplicate_custom_id",
  message: `The custom_id ${JSON.stringify(custom_id)} stands in line ${earlier} already.`,
  param: "custom_id",
  line,
});
