import { createRoute, z } from "@hono/zod-openapi";
import { Calibration } from "@infernet/schemas/calibration";
import { Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { Model, ModelRef, ModelRegistration, manifestDigest } from "@infernet/schemas/model";
import { PageQuery, pageOf } from "@infernet/schemas/page";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { assertFilesStored } from "../catalog/assert-files-stored.ts";
import { countWork } from "../catalog/count-work.ts";
import { openCatalog } from "../catalog/open-catalog.ts";
import { unwrapModel } from "../catalog/unwrap-model.ts";
import { createRouter } from "../http/create-router.ts";
import { limitBody } from "../http/limit-body.ts";
import { linkNextPage } from "../http/link-next-page.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { requireAccountOrRunner } from "../http/require-account-or-runner.ts";
import { requireOperator } from "../http/require-operator.ts";
import { unwrap } from "../rpc.ts";

export const models = createRouter();

const model = { "application/json": { schema: Model } };
const Page = pageOf(Model);
const readable = {
  tags: ["Models"],
  security: [{ account: [] }, { runner: [] }],
  middleware: [requireAccountOrRunner],
};

const register = createRoute({
  method: "post",
  path: "/models",
  tags: ["Models"],
  summary: "Register a model",
  description:
    "Upload its files with PUT /blobs/{sha256} first. The operations of a row are counted from the graph in its entry file, and its price follows from them: see `work`. Registering the same manifest again changes nothing else; the owner of a name may point it to another model.",
  security: [{ account: [] }],
  middleware: [requireAccount, limitBody(LIMITS.json_body_bytes_max)],
  request: { body: { required: true, content: { "application/json": { schema: ModelRegistration } } } },
  responses: {
    200: { description: "It was registered already", content: model },
    201: { description: "The model is new, or its name points to it now", content: model },
    ...problemAnswers("authentication_missing", "model_name_taken", "model_file_missing", "request_invalid"),
  },
});

models.openapi(register, async (c) => {
  const { manifest, name } = c.req.valid("json");
  const store = createBlobStore(c.env);
  await assertFilesStored(store, manifest);
  const registered = unwrap(
    await openCatalog(c.env).register({
      digest: await manifestDigest(manifest),
      manifest,
      work: await countWork(store, manifest),
      name: name ?? null,
      account_id: c.get("account").id,
      now_ms: Date.now(),
    }),
  );
  return c.json(Model.parse(registered.model), registered.changed ? 201 : 200);
});

const list = createRoute({
  ...readable,
  method: "get",
  path: "/models",
  summary: "List models, newest first",
  request: { query: PageQuery },
  responses: {
    200: { description: "A page of models", content: { "application/json": { schema: Page } } },
    ...problemAnswers("authentication_missing", "request_invalid"),
  },
});

models.openapi(list, async (c) => {
  const page = Page.parse(unwrap(await openCatalog(c.env).list(c.req.valid("query"))));
  linkNextPage(c, page);
  return c.json(page, 200);
});

const read = createRoute({
  ...readable,
  method: "get",
  path: "/models/{ref}",
  summary: "Read a model by its name or digest",
  request: { params: z.strictObject({ ref: ModelRef }) },
  responses: {
    200: { description: "The model", content: model },
    ...problemAnswers("not_found", "model_unknown"),
  },
});

models.openapi(read, async (c) =>
  c.json(unwrapModel(await openCatalog(c.env).find(c.req.valid("param").ref)), 200),
);

const calibrate = createRoute({
  method: "put",
  path: "/models/{digest}/calibration",
  tags: ["Models"],
  summary: "Set how far apart honest outputs of a model are",
  description:
    "For the operator: the thresholds decide who is convicted. `infernet-runner calibrate` measures them. Jobs follow within a minute; comparisons that were made stand.",
  security: [{ operator: [] }],
  middleware: [requireOperator, limitBody(LIMITS.json_body_bytes_max)],
  request: {
    params: z.strictObject({ digest: Sha256 }),
    body: { required: true, content: { "application/json": { schema: Calibration } } },
  },
  responses: {
    200: { description: "The model, calibrated", content: model },
    ...problemAnswers(
      "authentication_missing",
      "authentication_failed",
      "model_unknown",
      "calibration_mismatch",
      "request_invalid",
    ),
  },
});

models.openapi(calibrate, async (c) => {
  const { digest } = c.req.valid("param");
  const calibration = c.req.valid("json");
  if (calibration.model !== digest) {
    throw new InfernetError(
      "calibration_mismatch",
      `The calibration is of model ${calibration.model}, and was sent to ${digest}.`,
      { errors: [{ pointer: "/model", detail: `must be ${digest}` }] },
    );
  }
  return c.json(unwrapModel(await openCatalog(c.env).calibrate(calibration)), 200);
});
