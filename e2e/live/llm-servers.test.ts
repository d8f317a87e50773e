import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type FakeServer, startFakeServer } from "infernet-runner/engine/openai/testing/fake-server";
import { SLOWLY, spell, spelled } from "infernet-runner/engine/openai/testing/spelling-model";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useEdge } from "./use-edge.ts";

/** Models of servers that owners have, over a real edge and real runners; the servers are made for tests. */

const PAGE = fileURLToPath(new URL("../../docs/llm-servers.md", import.meta.url));
const MODEL = "llama3.2-3b";

const live = useEdge();
const servers: FakeServer[] = [];

beforeAll(async () => {
  for (const name of ["ada", "grace"]) {
    const server = await startFakeServer({ models: ["llama3.2:3b"], answer: spell });
    servers.push(server);
    await live.addRunner(name, {
      args: ["--openai-servers", server.url],
      environment: { INFERNET_OPENAI_DISCOVER: "false" },
    });
  }
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function runBlock(block: string): Promise<unknown> {
  const env = { ...process.env, EDGE: live.edge.url, AUTH: `Authorization: Bearer ${live.client.key}` };
  const { stdout } = await promisify(execFile)("bash", ["-e", "-c", block], { env, timeout: 20_000 });
  return JSON.parse(stdout);
}

const openaiClient = (): OpenAI => new OpenAI({ baseURL: `${live.edge.url}/v1`, apiKey: live.client.key });

test("a model registered as its page says is answered by an owner's own server", async () => {
  const page = readFileSync(PAGE, "utf8");
  const [register = "", ask = ""] = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
    ([, block = ""]) => block,
  );
  expect(await runBlock(register)).toMatchObject({ names: [MODEL], manifest: { engine: "openai" } });
  expect(await runBlock(ask)).toMatchObject({
    object: "chat.completion",
    choices: [{ message: { role: "assistant", content: spelled(24) }, finish_reason: "length" }],
    usage: { completion_tokens: 24 },
  });
  const calls = servers.flatMap((server) => server.calls);
  expect(calls).toMatchObject([{ body: { model: "llama3.2:3b", seed: 7, max_tokens: 24 } }]);
});

test("a job on it says that nobody can check its answers, and is paid for the tokens that were made", async () => {
  const requests = ["one", "two", "three"].map((content) =>
    JSON.stringify({
      prompt: { kind: "chat", messages: [{ role: "user", content }] },
      sampling: { temperature: 0, seed: 1, tokens_max: 4 },
    }),
  );
  const { body } = await live.client.send(
    "POST",
    "/jobs",
    {
      model: MODEL,
      input: { tensors: [{ name: "request", datatype: "BYTES", shape: [3], data: requests }] },
    },
    { Prefer: "wait=20" },
  );
  expect(body).toMatchObject({
    state: "succeeded",
    verification: {
      plan: { mode: "none" },
      unavailable: expect.stringContaining("no other machine can check"),
    },
    price: { settled: { charged_micro: expect.stringMatching(/^[1-9]/) } },
  });
});

test("a stream goes on at another owner's server when the one that was answering dies", async () => {
  const before = servers.map((server) => server.calls.length);
  const stream = await openaiClient().chat.completions.create({
    ...{ model: MODEL, max_tokens: 60, stream: true },
    messages: [{ role: "user", content: SLOWLY }],
  });
  let text = "";
  let dead: FakeServer | undefined;
  let last: unknown;
  for await (const chunk of stream) {
    last = chunk;
    const { choices } = chunk;
    text += choices[0]?.delta.content ?? "";
    if (dead !== undefined || text.length < 20) continue;
    dead = servers.find((server, i) => server.calls.length > (before[i] ?? 0));
    await dead?.stop();
  }
  expect(text).toBe(spelled(60));
  expect(last).toMatchObject({ infernet: { continued: "best_effort", verification: { mode: "none" } } });
  const other = servers.find((server) => server !== dead);
  const [asked, begun] = (other?.calls.at(-1)?.body.messages ?? []) as { role: string; content: string }[];
  expect(asked).toEqual({ role: "user", content: SLOWLY });
  expect(begun?.role).toBe("assistant");
  expect(spelled(60).startsWith(begun?.content ?? "?")).toBe(true);
});
