import { InfernetError } from "@infernet/schemas/errors";
import type { Context } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { AppEnv } from "./http/app-env.ts";
import { createRouter } from "./http/create-router.ts";
import { reportMissingSettings } from "./http/missing-settings.ts";
import { problemResponse } from "./http/render-error.ts";
import { assignRequestId } from "./http/request-id.ts";
import { accounts } from "./routes/accounts.ts";
import { blobs } from "./routes/blobs.ts";
import { createDocs } from "./routes/docs.ts";
import { earnings } from "./routes/earnings.ts";
import { epochs } from "./routes/epochs.ts";
import { errors } from "./routes/errors.ts";
import { escrows } from "./routes/escrows.ts";
import { health } from "./routes/health.ts";
import { incidents } from "./routes/incidents.ts";
import { jobDeliveries } from "./routes/job-deliveries.ts";
import { jobEvents } from "./routes/job-events.ts";
import { jobGrants } from "./routes/job-grants.ts";
import { jobReceipt } from "./routes/job-receipt.ts";
import { jobResult } from "./routes/job-result.ts";
import { jobsCreate } from "./routes/jobs-create.ts";
import { jobsRead } from "./routes/jobs-read.ts";
import { models } from "./routes/models.ts";
import { network } from "./routes/network.ts";
import { payouts } from "./routes/payouts.ts";
import { peers } from "./routes/peers.ts";
import { providerDecisions } from "./routes/provider-decisions.ts";
import { providers } from "./routes/providers.ts";
import { runner } from "./routes/runner.ts";
import { runnerStream } from "./routes/runner-stream.ts";
import { v1Batches } from "./routes/v1-batches.ts";
import { v1Completions } from "./routes/v1-completions.ts";
import { v1Embeddings } from "./routes/v1-embeddings.ts";
import { v1Files } from "./routes/v1-files.ts";
import { v1Models } from "./routes/v1-models.ts";
import { webhooks } from "./routes/webhooks.ts";
import { isV1Path, openaiResponse } from "./v1/openai-response.ts";

const failureResponse = (c: Context<AppEnv>, error: InfernetError): Response =>
  isV1Path(c.req.path) ? openaiResponse(c, error) : problemResponse(c, error);

/** The whole HTTP interface: one router for each resource. */
export const app = createRouter();

app.use(assignRequestId);
app.use(reportMissingSettings);
app.use(
  methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) =>
      failureResponse(
        c,
        new InfernetError("method_not_allowed", `${c.req.path} takes ${methods.join(", ")}.`, {
          headers: { Allow: methods.join(", ") },
        }),
      ),
  }),
);
app.notFound((c) => failureResponse(c, new InfernetError("not_found", `There is no route ${c.req.path}.`)));

app.route("/", accounts);
app.route("/", escrows);
app.route("/", blobs);
app.route("/", jobsCreate);
app.route("/", jobsRead);
app.route("/", jobResult);
app.route("/", jobGrants);
app.route("/", jobReceipt);
app.route("/", jobEvents);
app.route("/", jobDeliveries);
app.route("/", runner);
app.route("/", runnerStream);
app.route("/", models);
app.route("/", earnings);
app.route("/", providers);
app.route("/", providerDecisions);
app.route("/", payouts);
app.route("/", peers);
app.route("/", incidents);
app.route("/", network);
app.route("/", epochs);
app.route("/", v1Completions);
app.route("/", v1Models);
app.route("/", v1Embeddings);
app.route("/", v1Files);
app.route("/", v1Batches);
app.route("/", webhooks);
app.route("/", health);
app.route("/", errors);
app.route("/", createDocs(app));
