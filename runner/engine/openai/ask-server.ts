import type { z } from "zod";
import type { ServerAccess } from "./server-access.ts";

/** A server that is not there, or is not what it should be. */
export class ServerUnusable extends Error {
  /** Whether nothing listens at the address, so that asking again at once is no use. */
  readonly isGone: boolean;

  constructor(reason: string, { isGone = false, ...options }: ErrorOptions & { isGone?: boolean } = {}) {
    super(reason, options);
    this.name = "ServerUnusable";
    this.isGone = isGone;
  }
}

export interface Question {
  signal: AbortSignal;
  /** Sent as JSON with POST; without it the question is a GET. */
  body?: unknown;
}

/**
 * Asks the server itself: where it sends its callers elsewhere, nobody goes. Throws `ServerUnusable`, or the signal's reason
 * when that came first.
 */
export async function askServer(
  { base, api_key }: ServerAccess,
  path: string,
  { signal, body }: Question,
): Promise<Response> {
  const headers = {
    accept: body === undefined ? "application/json" : "text/event-stream, application/json",
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(api_key === null ? {} : { authorization: `Bearer ${api_key}` }),
  };
  const post = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  try {
    const response = await fetch(`${base}${path}`, { ...post, headers, signal, redirect: "manual" });
    if (response.status < 300 || response.status >= 400) return response;
    await response.body?.cancel();
    throw new ServerUnusable("it sends its callers to another address");
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ServerUnusable) throw error;
    const code = codeOf(error);
    throw new ServerUnusable(
      code === "ECONNREFUSED" ? "nothing answers there" : `it cannot be asked: ${code}`,
      {
        cause: error,
        isGone: code === "ECONNREFUSED",
      },
    );
  }
}

/** A JSON answer of the shape. Throws `ServerUnusable` where it is another, or larger than `bytes_max`. */
export async function askForJson<Schema extends z.ZodType>(
  access: ServerAccess,
  path: string,
  schema: Schema,
  { bytes_max, ...question }: Question & { bytes_max: number },
): Promise<z.infer<Schema>> {
  const response = await askServer(access, path, question);
  const text = await readText(response, bytes_max);
  if (!response.ok) throw new ServerUnusable(`it answers ${response.status}`);
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ServerUnusable("its answer is not of the OpenAI API");
}

/** The whole body as text. Throws `ServerUnusable` where it is more, breaks off, or is not UTF-8. */
export async function readText({ body }: Response, bytes_max: number): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > bytes_max) throw new ServerUnusable(`its answer has more than ${bytes_max} bytes`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof ServerUnusable) throw error;
    throw new ServerUnusable("its answer broke off or is not UTF-8", { cause: error });
  }
}

/** Undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  for (const one of [cause, error]) {
    if (one instanceof Error && "code" in one && typeof one.code === "string") return one.code;
  }
  return error instanceof Error ? error.message : String(error);
}
