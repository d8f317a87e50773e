import type { OpenAPIHono } from "@hono/zod-openapi";
import style from "swagger-ui-dist/swagger-ui.css";
import script from "swagger-ui-dist/swagger-ui-bundle.js";
import { renderOpenApi } from "../docs/openapi-document.ts";
import { REFERENCE_PAGE, REFERENCE_POLICY, REFERENCE_START } from "../docs/reference-page.ts";
import type { AppEnv } from "../http/app-env.ts";
import { createRouter } from "../http/create-router.ts";
import { originOf } from "../http/origin.ts";

const DAY = "public, max-age=86400";

/** The API's description of itself. It is mounted last, for it describes what stands in the app by then. */
export function createDocs(app: OpenAPIHono<AppEnv>): OpenAPIHono<AppEnv> {
  const docs = createRouter();
  let description: ReturnType<typeof renderOpenApi> | null = null;

  docs.get("/openapi.json", (c) => {
    description ??= renderOpenApi(app);
    return c.json({ ...description, servers: [{ url: originOf(c) }] });
  });
  docs.get("/docs", (c) => c.html(REFERENCE_PAGE, 200, { "Content-Security-Policy": REFERENCE_POLICY }));
  docs.get("/docs/start.js", (c) =>
    c.body(REFERENCE_START, 200, { "Content-Type": "text/javascript; charset=utf-8" }),
  );
  docs.get("/docs/swagger-ui-bundle.js", (c) =>
    c.body(script, 200, { "Content-Type": "text/javascript; charset=utf-8", "Cache-Control": DAY }),
  );
  docs.get("/docs/swagger-ui.css", (c) =>
    c.body(style, 200, { "Content-Type": "text/css; charset=utf-8", "Cache-Control": DAY }),
  );
  return docs;
}
