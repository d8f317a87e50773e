import { formatRequestId } from "@infernet/schemas/ids";
import { createMiddleware } from "hono/factory";
import { uuidv7 } from "uuidv7";
import type { AppEnv } from "./app-env.ts";

/** Names the request, for its answer, its problem details and its log lines: `X-Request-Id`. */
export const assignRequestId = createMiddleware<AppEnv>(async (c, next) => {
  const id = formatRequestId(uuidv7());
  c.set("requestId", id);
  await next();
  // An answer of fetch() has immutable headers; hono's setter copies it.
  c.header("X-Request-Id", id);
});
