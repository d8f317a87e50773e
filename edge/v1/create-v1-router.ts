import { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../http/app-env.ts";
import { rejectInvalid } from "../http/reject-invalid.ts";
import { catalogue } from "../http/render-error.ts";
import { openaiResponse } from "./openai-response.ts";

/** A router for routes that speak OpenAI's API: whatever fails, it fails in OpenAI's shape. */
export function createV1Router(): OpenAPIHono<AppEnv> {
  const router = new OpenAPIHono<AppEnv>({
    defaultHook: (result, c) => {
      if (!result.success) rejectInvalid(result.target, result.error, c);
    },
  });
  router.onError((error, c) => openaiResponse(c, catalogue(error, c)));
  return router;
}
