import { createRoute, z } from "@hono/zod-openapi";
import { isFinal } from "@infernet/protocol/job-progress";
import { BINARY_TYPE } from "@infernet/schemas/binary";
import { InfernetError } from "@infernet/schemas/errors";
import { JobId } from "@infernet/schemas/ids";
import { TensorJson } from "@infernet/schemas/tensor";
import { renderTensorJson } from "@infernet/schemas/tensor-json";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { accepts } from "hono/accepts";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { createRouter } from "../http/create-router.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { unwrap } from "../rpc.ts";

export const jobResult = createRouter();

const result = createRoute({
  method: "get",
  path: "/jobs/{id}/result",
  tags: ["Jobs"],
  summary: "Fetch a job's result",
  description:
    "Tensors as JSON, or with `Accept: application/cbor` the stored bytes, whose sha256 the Job names. " +
    "A job with `merge: list` has a JSON list of one object a row.",
  security: [{ account: [] }],
  middleware: [requireAccount],
  request: { params: z.object({ id: JobId }) },
  responses: {
    200: {
      description: "The merged outputs",
      content: {
        "application/json": {
          schema: z.union([
            z.object({ outputs: z.array(TensorJson) }),
            z.array(z.record(z.string(), z.unknown())),
          ]),
        },
        [BINARY_TYPE]: { schema: z.string().meta({ format: "binary" }) },
      },
    },
    ...problemAnswers(
      "authentication_missing",
      "not_found",
      "job_not_finished",
      "job_has_no_result",
      "result_expired",
    ),
  },
});

jobResult.openapi(result, async (c) => {
  const { id } = c.req.valid("param");
  const { job, bytes } = unwrap(await aggregatorOf(c.env, id).result(c.get("account").id, id));
  if (!isFinal(job.state)) throw new InfernetError("job_not_finished", `${id} is ${job.state}`);
  if (job.result === null) throw new InfernetError("job_has_no_result", `${id} is ${job.state}`);
  const stored = bytes ?? (await createBlobStore(c.env).get(job.result.sha256))?.body;
  if (stored === undefined)
    throw new InfernetError("result_expired", `the result of ${id} was kept until ${job.result.expires_at}`);
  c.header("ETag", `"${job.result.sha256}"`);
  const { content_type } = job.result;
  const wanted = accepts(c, {
    header: "Accept",
    supports: ["application/json", BINARY_TYPE],
    default: "application/json",
  });
  if (content_type === wanted || content_type === "application/json") {
    return c.body(stored, 200, { "Content-Type": content_type });
  }
  const tensors = decodeTensors(new Uint8Array(await new Response(stored).arrayBuffer()));
  return c.json({ outputs: tensors.map(renderTensorJson) }, 200);
});
