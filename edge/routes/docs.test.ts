import { AccountRequest } from "@infernet/schemas/account";
import { ERROR_CODES } from "@infernet/schemas/errors";
import { JobRequest } from "@infernet/schemas/job";
import { ModelRegistration } from "@infernet/schemas/model";
import { RunnerRegistration } from "@infernet/schemas/runner";
import { WebhookTestRequest } from "@infernet/schemas/webhook";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { app } from "../app.ts";
import { EXAMPLES } from "../docs/examples.ts";
import { callEdge } from "../testing/call-edge.ts";

const Operation = z.looseObject({
  summary: z.string(),
  tags: z.array(z.string()).min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  responses: z.record(z.string(), z.unknown()),
});
const Document = z.looseObject({
  openapi: z.literal("3.1.0"),
  servers: z.tuple([z.object({ url: z.string() })]),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
});

const read = async () => Document.parse(await (await callEdge("/openapi.json")).json());

describe("the description of the API", () => {
  test("has every route, the same way the server spells it", async () => {
    const { paths } = await read();
    const described = new Set(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((m) => `${m.toUpperCase()} ${path}`),
      ),
    );
    const served = app.routes
      .filter(({ method, path }) => method !== "ALL" && !/^\/(docs|errors|openapi\.json)/.test(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:([a-z0-9_]+)/g, "{$1}")}`);
    expect(served.length).toBeGreaterThan(15);
    expect([...new Set(served)].filter((route) => !described.has(route))).toEqual([]);
  });

  test("leaves no reference dangling", async () => {
    const document = await read();
    const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    const names = new Set([...refs].map(([, name]) => name));
    expect(names).toContain("Job");
    expect([...names].filter((name) => name && !(name in document.components.schemas))).toEqual([]);
  });

  test("names a scheme that exists for every route that needs a key", async () => {
    const { paths, components } = await read();
    const used = Object.values(paths).flatMap((methods) =>
      Object.values(methods).flatMap((operation) =>
        (operation.security ?? []).flatMap((need) => Object.keys(need)),
      ),
    );
    expect(new Set(used)).toEqual(new Set(Object.keys(components.securitySchemes)));
  });

  test("tells where it is served from", async () => {
    expect((await read()).servers[0].url).toBe("http://edge.test");
    const answer = await callEdge("/openapi.json", {}, { PUBLIC_URL: "https://infer.example.com/" });
    expect(Document.parse(await answer.json()).servers[0].url).toBe("https://infer.example.com");
  });

  test.each([
    ["JobRequest", JobRequest],
    ["ModelRegistration", ModelRegistration],
    ["AccountRequest", AccountRequest],
    ["WebhookTestRequest", WebhookTestRequest],
    ["RunnerRegistration", RunnerRegistration],
  ] as const)("has an example of a %s that the server would take", async (name, schema) => {
    expect(schema.safeParse(EXAMPLES[name]).error).toBeUndefined();
    expect(
      z.looseObject({ examples: z.array(z.unknown()) }).parse((await read()).components.schemas[name])
        .examples,
    ).toHaveLength(1);
  });
});

test("the reference page and all it loads come from this origin", async () => {
  const page = await callEdge("/docs");
  const markup = await page.text();
  expect(page.headers.get("Content-Security-Policy")).toContain("default-src 'self'");
  expect(markup).not.toMatch(/https?:\/\//);
  for (const [, path = ""] of markup.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)) {
    const asset = await callEdge(path);
    expect([path, asset.status]).toEqual([path, 200]);
    expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(50);
  }
});

test("every error code has a page that its problems point at", async () => {
  const index = await (await callEdge("/errors")).text();
  for (const code of ERROR_CODES) {
    expect(index).toContain(`href="/errors/${code}"`);
    const page = await callEdge(`/errors/${code}`);
    expect([page.status, page.headers.get("Content-Type")]).toEqual([200, "text/html; charset=UTF-8"]);
    expect(await page.text()).toContain(code);
  }
  expect((await callEdge("/errors/toString")).status).toBe(404);
});

test("health adds up what the dispatchers hold and tells what is missing", async () => {
  const well = await callEdge("/health");
  expect(await well.json()).toMatchObject({ status: "ok", version: "0.1.0", warnings: [], dispatch: {} });
  const poor = await callEdge("/health", {}, { WEBHOOK_PRIVATE_KEY: "" });
  expect(await poor.json()).toMatchObject({
    status: "degraded",
    warnings: ["WEBHOOK_PRIVATE_KEY is not set: no webhooks can be sent."],
  });
});
