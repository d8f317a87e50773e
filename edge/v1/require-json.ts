import { InfernetError } from "@infernet/schemas/errors";
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../http/app-env.ts";

/**
 * Refuses a body that is no JSON in UTF-8 before it is read: what is not UTF-8 would come out as other characters than were
 * meant, and nobody would say so. Stands behind `limitBody`; hono keeps the bytes for whoever reads them next.
 */
export const requireJson = createMiddleware<AppEnv>(async (c, next) => {
  const mediaType = c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json")
    throw new InfernetError("unsupported_media_type", "This route takes application/json.");
  parseJson(new Uint8Array(await c.req.arrayBuffer()));
  await next();
});

/** The JSON that these bytes are. Throws `request_malformed`. */
function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new InfernetError("request_malformed", "The body is not UTF-8.");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InfernetError("request_malformed", `The body is not JSON: ${reason}`);
  }
}
