import { createRoute, z } from "@hono/zod-openapi";
import { listProviders } from "@infernet/db/index/providers";
import { InfernetError } from "@infernet/schemas/errors";
import { RunnerId } from "@infernet/schemas/ids";
import { PageQuery, pageOf } from "@infernet/schemas/page";
import { SignedAttestation } from "@infernet/schemas/peer/attestation";
import { Provider, ReputationEvent } from "@infernet/schemas/provider";
import { createRouter } from "../http/create-router.ts";
import { linkNextPage } from "../http/link-next-page.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccountOrRunner } from "../http/require-account-or-runner.ts";
import { loadNetworkKey } from "../network/network-key.ts";
import { attestProvider } from "../provider/attest-provider.ts";
import { unwrap } from "../rpc.ts";

export const providers = createRouter();

const readable = {
  tags: ["Providers"],
  security: [{ account: [] }, { runner: [] }],
  middleware: [requireAccountOrRunner],
};

const list = createRoute({
  ...readable,
  method: "get",
  path: "/providers",
  summary: "List providers, best reputation first",
  description:
    "From the search index, which follows the providers within seconds; GET /providers/{id} is always exact.",
  request: { query: PageQuery },
  responses: {
    200: {
      description: "A page of providers",
      content: { "application/json": { schema: pageOf(Provider) } },
    },
    ...problemAnswers("authentication_missing", "request_invalid"),
  },
});

providers.openapi(list, async (c) => {
  const page = await listProviders(c.env.INDEX, c.req.valid("query"), Date.now());
  linkNextPage(c, page);
  return c.json(page, 200);
});

const read = createRoute({
  ...readable,
  method: "get",
  path: "/providers/{id}",
  summary: "Read a provider",
  request: { params: z.strictObject({ id: RunnerId }) },
  responses: {
    200: { description: "The provider", content: { "application/json": { schema: Provider } } },
    ...problemAnswers("authentication_missing", "not_found"),
  },
});

providers.openapi(read, async (c) => {
  const { id } = c.req.valid("param");
  const provider = await c.env.PROVIDER.getByName(id).read();
  if (!provider) throw new InfernetError("not_found", `No provider ${id} has registered here.`);
  return c.json(provider, 200);
});

const attest = createRoute({
  ...readable,
  method: "get",
  path: "/providers/{id}/attestation",
  summary: "Have this network's word of a provider signed",
  description:
    "What the ledger says of it now, signed with the network's key: for whoever meets the provider without this network. `signed` is what is handed on; docs/discovery.md has its format.",
  request: { params: z.strictObject({ id: RunnerId }) },
  responses: {
    200: { description: "The attestation", content: { "application/json": { schema: SignedAttestation } } },
    ...problemAnswers("authentication_missing", "not_found"),
  },
});

providers.openapi(attest, async (c) => {
  const { id } = c.req.valid("param");
  const provider = await c.env.PROVIDER.getByName(id).read();
  if (!provider) throw new InfernetError("not_found", `No provider ${id} has registered here.`);
  return c.json(await attestProvider(provider, await loadNetworkKey(c.env), Date.now()), 200);
});

const ledger = createRoute({
  ...readable,
  method: "get",
  path: "/providers/{id}/ledger",
  summary: "Read a provider's reputation ledger",
  description:
    "Everything that its reputation and its bans follow from, ordered by kind and id. Of `work` entries with one id the latest counts.",
  request: { params: z.strictObject({ id: RunnerId }), query: PageQuery },
  responses: {
    200: {
      description: "A page of the ledger",
      content: { "application/json": { schema: pageOf(ReputationEvent) } },
    },
    ...problemAnswers("authentication_missing", "not_found", "request_invalid"),
  },
});

providers.openapi(ledger, async (c) => {
  const { id } = c.req.valid("param");
  const page = unwrap(await c.env.PROVIDER.getByName(id).ledger(c.req.valid("query")));
  linkNextPage(c, page);
  return c.json(page, 200);
});
