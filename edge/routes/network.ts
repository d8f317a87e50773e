import { createRoute } from "@hono/zod-openapi";
import { Network } from "@infernet/schemas/network";
import { epochAt, epochLength } from "../epochs/epochs.ts";
import { createRouter } from "../http/create-router.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { escrowTerms } from "../network/escrow-terms.ts";
import { holdTime } from "../network/hold-time.ts";
import { loadNetworkKey } from "../network/network-key.ts";
import packageJson from "../package.json" with { type: "json" };

export const network = createRouter();

const read = createRoute({
  method: "get",
  path: "/network",
  tags: ["Verification"],
  summary: "Read what checks what this network says",
  responses: {
    200: { description: "The network", content: { "application/json": { schema: Network } } },
    ...problemAnswers("unavailable"),
  },
});

network.openapi(read, async (c) => {
  const { id } = await loadNetworkKey(c.env);
  const now_ms = Date.now();
  c.header("Cache-Control", "no-store");
  return c.json(
    {
      object: "network" as const,
      network: id,
      version: packageJson.version,
      now_ms,
      epoch_ms: epochLength(c.env),
      epoch: epochAt(c.env, now_ms),
      hold_ms: holdTime(c.env),
      escrows: await escrowTerms(c.env),
    },
    200,
  );
});
