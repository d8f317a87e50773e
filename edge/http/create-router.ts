import { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "./app-env.ts";
import { rejectInvalid } from "./reject-invalid.ts";
import { renderError } from "./render-error.ts";

/** A router for one resource: what breaks a schema and what is thrown both become problem documents. */
export function createRouter(): OpenAPIHono<AppEnv> {
  const router = new OpenAPIHono<AppEnv>({
    defaultHook: (result, c) => {
      if (!result.success) rejectInvalid(result.target, result.error, c);
    },
  });
  router.onError(renderError);
  return router;
}
