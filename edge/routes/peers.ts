import { createRoute } from "@hono/zod-openapi";
import { Peers } from "@infernet/schemas/peer/bootstrap";
import { createRouter } from "../http/create-router.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { listBootstrap } from "../network/bootstrap-peers.ts";

export const peers = createRouter();

const read = createRoute({
  method: "get",
  path: "/peers",
  tags: ["Providers"],
  summary: "List peers to begin with",
  description:
    "Addresses of peer-to-peer nodes that whoever has no other can begin with: those that the operator names, and registered providers that relay. Empty where this deployment names none: then its runners speak to nobody but the edge.",
  responses: {
    200: { description: "Peers", content: { "application/json": { schema: Peers } } },
    ...problemAnswers("internal"),
  },
});

peers.openapi(read, async (c) => {
  c.header("Cache-Control", "public, max-age=60");
  return c.json({ object: "peers" as const, bootstrap: await listBootstrap(c.env, Date.now()) }, 200);
});
