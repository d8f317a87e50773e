import { Problem } from "@infernet/schemas/problem";
import { z } from "zod";

/** The edge answered, and the answer is no. */
export class EdgeRefusal extends Error {
  readonly status: number;
  /** The catalogue's code, or null when the answer was not problem details, as from a proxy or another service. */
  readonly code: string | null;
  readonly retry_after_ms: number | null;

  constructor(message: string, status: number, code: string | null, retry_after_ms: number | null = null) {
    super(message);
    this.name = "EdgeRefusal";
    this.status = status;
    this.code = code;
    this.retry_after_ms = retry_after_ms;
  }

  /** Whether the same request may be answered better later (RFC 9110 section 15, RFC 6585 section 4). */
  get isPassing(): boolean {
    return this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** No answer: the connection failed, broke off or took too long. */
export class EdgeUnreachable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EdgeUnreachable";
  }
}

/** Only what the line for a person needs: an edge of another version may add members. */
const Read = z.object({ code: Problem.shape.code, detail: Problem.shape.detail, hint: Problem.shape.hint });

/** Reads an answer that is not 2xx: problem details (RFC 9457) where it is one. */
export async function readRefusal(response: Response, what: string): Promise<EdgeRefusal> {
  const retryAfter = parseRetryAfter(response.headers.get("retry-after"), Date.now());
  const text = await response.text().catch(() => "");
  const problem = Read.safeParse(parseJson(text));
  const said = problem.success
    ? `${problem.data.detail} (${problem.data.code}) ${problem.data.hint}`
    : `${response.status} without problem details: this does not look like an Infernet edge`;
  const code = problem.success ? problem.data.code : null;
  return new EdgeRefusal(`${what}: ${said}`, response.status, code, retryAfter);
}

/** Retry-After (RFC 9110 section 10.2.3), seconds or a date, as milliseconds from now. */
export function parseRetryAfter(value: string | null, now_ms: number): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now_ms);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
