import { createRoute, z } from "@hono/zod-openapi";
import { receiptDigest } from "@infernet/protocol/receipt/render-receipt";
import { JobId } from "@infernet/schemas/ids";
import { SignedReceipt } from "@infernet/schemas/receipt";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { createRouter } from "../http/create-router.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { unwrap } from "../rpc.ts";

export const jobReceipt = createRouter();

const receipt = createRoute({
  method: "get",
  path: "/jobs/{id}/receipt",
  tags: ["Verification"],
  summary: "Fetch a job's receipt",
  description:
    "What was asked for, who committed to what, who was drawn to check it and what came of it, signed by the network: " +
    "a detached JWS (RFC 7515) over its canonical JSON (RFC 8785). `infernet-runner verify` says what it proves, offline. " +
    "The same bytes every time; after a recall there is another revision, which names the one before.",
  security: [{ account: [] }],
  middleware: [requireAccount],
  request: { params: z.object({ id: JobId }) },
  responses: {
    200: { description: "The signed receipt", content: { "application/json": { schema: SignedReceipt } } },
    ...problemAnswers("authentication_missing", "not_found", "job_not_finished", "unavailable"),
  },
});

jobReceipt.openapi(receipt, async (c) => {
  const { id } = c.req.valid("param");
  const signed = unwrap(await aggregatorOf(c.env, id).receipt(c.get("account").id, id));
  c.header("ETag", `"${receiptDigest(signed.receipt)}"`);
  return c.json(signed, 200);
});
