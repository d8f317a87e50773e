import { createRoute, z } from "@hono/zod-openapi";
import { listBuckets } from "../dispatcher/buckets.ts";
import { createRouter } from "../http/create-router.ts";
import { missingSettings } from "../http/missing-settings.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import packageJson from "../package.json" with { type: "json" };

export const health = createRouter();

const Health = z
  .strictObject({
    status: z.enum(["ok", "degraded"]),
    version: z.string(),
    /** As the dispatchers see it now. */
    dispatch: z.strictObject({ runners_seen: z.int(), parked: z.int(), offers: z.int() }),
    /** What does not work, one sentence each. */
    warnings: z.array(z.string()),
  })
  .meta({ id: "Health" });

const read = createRoute({
  method: "get",
  path: "/health",
  tags: ["Service"],
  summary: "Whether this deployment works, and what its dispatchers hold",
  responses: {
    200: { description: "It answers", content: { "application/json": { schema: Health } } },
    ...problemAnswers("internal"),
  },
});

health.openapi(read, async (c) => {
  const all = await Promise.all(listBuckets(c.env).map((bucket) => bucket.stats()));
  const sum = (count: (stats: (typeof all)[number]) => number) =>
    all.reduce((total, stats) => total + count(stats), 0);
  const warnings = missingSettings(c.env);
  c.header("Cache-Control", "no-store");
  return c.json(
    {
      status: warnings.length === 0 ? ("ok" as const) : ("degraded" as const),
      version: packageJson.version,
      dispatch: {
        runners_seen: sum((stats) => stats.runners_seen),
        parked: sum((stats) => stats.parked),
        offers: sum((stats) => stats.offers),
      },
      warnings,
    },
    200,
  );
});
