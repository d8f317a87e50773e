import type { z } from "zod";
import type { ServerAccess } from "./server-access.ts";

/** A server that is not there, or is not what it should be. */
export class ServerUnusable extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = "ServerUnusable";
  }
}

export interface Question {
  signal: AbortSignal;
  /** Sent as JSON with POST; without it the question is a GET. */
  body?: unknown;
}

/** A connection kept from an earlier question may have been closed by the server in the meantime. */
const STALE = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

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
  const ask = () => fetch(`${base}${path}`, { ...post, headers, signal, redirect: "manual" });
  const response = await ask()
    .catch((error: unknown) => (STALE.has(codeOf(error)) ? ask() : Promise.reject(error)))
    .catch((error: unknown) => Promise.reject(signal.aborted ? signal.reason : unusable(error)));
  if (response.status < 300 || response.status >= 400) return response;
  await response.body?.cancel();
  throw new ServerUnusable("it sends its callers to another address");
}

function unusable(error: unknown): ServerUnusable {
  const code = codeOf(error);
  const reason = code === "ECONNREFUSED" ? "nothing answers there" : `it cannot be asked: ${code}`;
  return new ServerUnusable(reason, { cause: error });
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
