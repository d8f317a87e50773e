import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import type { AppEnv } from "../http/app-env.ts";
import packageJson from "../package.json" with { type: "json" };
import { EXAMPLES } from "./examples.ts";

const SECURITY_SCHEMES = {
  account: {
    type: "http",
    scheme: "bearer",
    description: "An account's API key, `infk_...`. The operator makes it with POST /accounts.",
  },
  operator: { type: "http", scheme: "bearer", description: "The operator's key: INFERNET_OPERATOR_KEY." },
  runner: {
    type: "apiKey",
    in: "header",
    name: "Signature",
    description:
      "HTTP Message Signatures (RFC 9421) with Ed25519: label `sig1`, tag `infernet-runner`, `keyid` the runner's id, " +
      "over @method, @path, @query and, with a body, content-digest (RFC 9530).",
  },
} as const;

const INTRODUCTION = `
Send rows and a model's name to \`POST /jobs\`; the network computes them on several machines, checks that these agree,
and gives one result: by webhook, by event stream, by polling, or in the answer itself with \`Prefer: wait=N\`.

Failures are problem documents (RFC 9457) whose \`type\` is a page of this server: [all codes](/errors).
Every answer has an \`X-Request-Id\`; quote it when you report something. Lists are paged by cursor.
`;

const TAGS = [
  { name: "Jobs", description: "Inference: submit, follow, fetch." },
  {
    name: "OpenAI",
    description:
      "What clients of OpenAI's API speak, unchanged. Failures have OpenAI's shape on these routes.",
  },
  { name: "Models", description: "What can be run, named by the digest of its manifest." },
  { name: "Blobs", description: "Bytes by their sha256: model files, large inputs, outputs." },
  { name: "Webhooks", description: "How to verify and test them." },
  { name: "Providers", description: "Who computes, and how well they have done." },
  { name: "Payouts", description: "For the operator: what providers are sent." },
  { name: "Verification", description: "What anybody needs to check what this network says." },
  {
    name: "Runners",
    description: "What a provider's machine speaks. `npx infernet-runner` does it for you.",
  },
  { name: "Accounts", description: "For the operator of this deployment." },
  { name: "Service", description: "This deployment itself." },
];

const Document = z.looseObject({
  components: z.looseObject({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});
type Document = z.infer<typeof Document>;

/** The OpenAPI 3.1 description of every route of the app; its schemas are the ones that requests are parsed with. */
export function renderOpenApi(app: OpenAPIHono<AppEnv>): Document {
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES)) {
    app.openAPIRegistry.registerComponent("securitySchemes", name, scheme);
  }
  const document = Document.parse(
    app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: {
        title: "Infernet",
        version: packageJson.version,
        description: INTRODUCTION,
        license: { name: "MIT" },
      },
      tags: TAGS,
    }),
  );
  for (const [name, example] of Object.entries(EXAMPLES)) {
    const schema = document.components.schemas[name];
    if (schema) schema.examples = [example];
  }
  return document;
}
