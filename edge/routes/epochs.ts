import { createRoute, z } from "@hono/zod-openapi";
import { Epoch } from "@infernet/schemas/epoch";
import { PageQuery, pageOf } from "@infernet/schemas/page";
import { listEpochs } from "../epochs/list-epochs.ts";
import { readEpoch } from "../epochs/read-epoch.ts";
import { createRouter } from "../http/create-router.ts";
import { linkNextPage } from "../http/link-next-page.ts";
import { problemAnswers } from "../http/problem-answers.ts";

export const epochs = createRouter();

const open = { tags: ["Verification"] };

const list = createRoute({
  ...open,
  method: "get",
  path: "/epochs",
  summary: "List epochs, from the next one back",
  description:
    "The sha256 of an epoch's seed is told one epoch ahead, the seed shortly after the epoch's end: so nobody can foresee a draw, and everybody can repeat it.",
  request: { query: PageQuery },
  responses: {
    200: { description: "A page of epochs", content: { "application/json": { schema: pageOf(Epoch) } } },
    ...problemAnswers("request_invalid", "unavailable"),
  },
});

epochs.openapi(list, async (c) => {
  const page = await listEpochs(c.env, c.req.valid("query"), Date.now());
  linkNextPage(c, page);
  c.header("Cache-Control", "no-store");
  return c.json(page, 200);
});

const read = createRoute({
  ...open,
  method: "get",
  path: "/epochs/{epoch}",
  summary: "Read an epoch",
  request: { params: z.strictObject({ epoch: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }) },
  responses: {
    200: { description: "The epoch", content: { "application/json": { schema: Epoch } } },
    ...problemAnswers("epoch_unannounced", "request_invalid", "unavailable"),
  },
});

epochs.openapi(read, async (c) => {
  const epoch = await readEpoch(c.env, c.req.valid("param").epoch, Date.now());
  c.header("Cache-Control", epoch.seed === null ? "no-store" : "public, max-age=31536000, immutable");
  return c.json(epoch, 200);
});
