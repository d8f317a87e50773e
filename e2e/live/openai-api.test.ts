import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isFinal } from "@infernet/protocol/job-progress";
import { JobId } from "@infernet/schemas/ids";
import OpenAI, { APIError, BadRequestError, NotFoundError } from "openai";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { beforeAll, describe, expect, test } from "vitest";
import { TINYLM_ANSWER, uploadTinylm } from "../fixtures/tinylm-model.ts";
import { until } from "../network/until.ts";
import { useEdge } from "./use-edge.ts";

/** The official client of OpenAI's API, unchanged, against a real edge and a real runner with a real model. */

const E2E = fileURLToPath(new URL("..", import.meta.url));
const PAGE = fileURLToPath(new URL("../../docs/openai-api.md", import.meta.url));
const PROMPT = TINYLM_ANSWER.prompt;

const live = useEdge({ EPOCH_MS: "1000", PRICE_MICRO_PER_CORE_HOUR: "5000000" });
let client: OpenAI;

beforeAll(async () => {
  await Promise.all([live.addRunner("ada"), uploadTinylm(live.client)]);
  client = new OpenAI({ baseURL: `${live.edge.url}/v1`, apiKey: live.client.key });
});

const chat = {
  model: "tinylm",
  messages: [{ role: "user" as const, content: PROMPT }],
  max_tokens: 32,
  temperature: 0,
};

/** What the edge adds to an answer, which the client's types do not know. */
const noteOf = (answer: object): { job_id: JobId; seed: number } => {
  const note = "infernet" in answer ? answer.infernet : null;
  if (typeof note !== "object" || note === null || !("job_id" in note) || !("seed" in note))
    throw new Error(`no job is named in ${JSON.stringify(answer)}`);
  return { job_id: JobId.parse(note.job_id), seed: Number(note.seed) };
};

describe("chat completions", () => {
  test("answer as the model does, with usage, and a job beneath that costs what was made", async () => {
    const { data, response } = await client.chat.completions.create(chat).withResponse();
    expect(data.object).toBe("chat.completion");
    expect(data.choices).toMatchObject([
      {
        index: 0,
        message: { role: "assistant", content: TINYLM_ANSWER.greedyText },
        finish_reason: "length",
      },
    ]);
    const prompt_tokens = TINYLM_ANSWER.promptIds.length;
    expect(data.usage).toMatchObject({
      prompt_tokens,
      completion_tokens: 32,
      total_tokens: prompt_tokens + 32,
    });
    const { job_id } = noteOf(data);
    expect(response.headers.get("Infernet-Job")).toBe(job_id);
    const job = await live.client.getJob(job_id);
    expect(job).toMatchObject({ state: "succeeded", rows: 1, model: { name: "tinylm" } });
    expect(job.providers).toHaveLength(1);
    const { quoted_micro, settled } = job.price;
    expect(BigInt(settled?.charged_micro ?? 0)).toBeGreaterThan(0n);
    expect(BigInt(settled?.charged_micro ?? 0)).toBeLessThan(BigInt(quoted_micro));
  });

  test("are streamed as chunks that together are the same, with usage in the last", async () => {
    const stream_options = { include_usage: true };
    const stream = await client.chat.completions.create({ ...chat, stream: true, stream_options });
    const chunks: ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const deltas = chunks.flatMap(({ choices }) => choices);
    expect(deltas[0]?.delta).toMatchObject({ role: "assistant", content: "" });
    expect(deltas.map(({ delta }) => delta.content ?? "").join("")).toBe(TINYLM_ANSWER.greedyText);
    expect(deltas.map(({ finish_reason }) => finish_reason).filter(Boolean)).toEqual(["length"]);
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 32 } });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  test("end before a stop text, which is no part of them, also where it lies across tokens", async () => {
    const stop = TINYLM_ANSWER.greedyText.slice(7, 12);
    const { choices } = await client.chat.completions.create({ ...chat, stop });
    expect(choices).toMatchObject([
      { message: { content: TINYLM_ANSWER.greedyText.slice(0, 7) }, finish_reason: "stop" },
    ]);
  });

  test("tell of each token how likely it was, where it is asked for", async () => {
    const { choices } = await client.chat.completions.create({ ...chat, logprobs: true, top_logprobs: 2 });
    const content = choices[0]?.logprobs?.content ?? [];
    expect(content).toHaveLength(32);
    expect(content.map(({ token }) => token).join("")).toBe(TINYLM_ANSWER.greedyText);
    for (const { logprob, top_logprobs } of content) {
      expect(top_logprobs).toHaveLength(2);
      expect(logprob).toBeLessThanOrEqual(0);
      // At temperature 0 the likeliest is what was chosen.
      expect(top_logprobs[0]?.logprob).toBe(logprob);
    }
  });

  test("of several choices are as many rows of one job, and a seed makes them again", async () => {
    const asked = { ...chat, temperature: 1, n: 2, max_tokens: 12 };
    const first = await client.chat.completions.create(asked);
    const { job_id, seed } = noteOf(first);
    expect((await live.client.getJob(job_id)).rows).toBe(2);
    const again = await client.chat.completions.create({ ...asked, seed });
    const texts = first.choices.map(({ message }) => message.content);
    expect(again.choices.map(({ message }) => message.content)).toEqual(texts);
    expect(new Set(texts).size).toBe(2);
  });

  test("whose client goes away are canceled, and cost what was made by then", async () => {
    const abort = new AbortController();
    const asked = { ...chat, max_tokens: 480, temperature: 1, seed: 3, stop: null, stream: true as const };
    const { data: stream, response } = await client.chat.completions
      .create(asked, { signal: abort.signal })
      .withResponse();
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    abort.abort();
    const id = JobId.parse(response.headers.get("Infernet-Job"));
    const job = await until("the job to be canceled", async () => {
      const found = await live.client.getJob(id);
      return found.state === "canceled" ? found : null;
    });
    const charged = BigInt(job.price.settled?.charged_micro ?? 0);
    expect(charged).toBeGreaterThan(0n);
    expect(charged).toBeLessThan(BigInt(job.price.quoted_micro) / 2n);
  });

  test("repeated with their key are the same answer of the same job, from its start or where a client was", async () => {
    const body = JSON.stringify({ ...chat, temperature: 1, stream: true });
    const read = async (more: Record<string, string> = {}) => {
      const headers = { "Content-Type": "application/json", "Idempotency-Key": "once", ...more };
      const answer = await live.client.fetch("POST", "/v1/chat/completions", { body, headers });
      const events = (await answer.text()).split("\n\n");
      const chunks = events
        .map((event) => /^data: (\{.*)$/m.exec(event)?.[1])
        .filter((data) => data !== undefined);
      const text = chunks.map((data) => JSON.parse(data).choices[0]?.delta.content ?? "");
      const ids = events.map((event) => /^id: (.*)$/m.exec(event)?.[1]);
      return { job: answer.headers.get("Infernet-Job"), text, ids };
    };
    const first = await read();
    const again = await read();
    expect([again.job, again.text.join("")]).toEqual([first.job, first.text.join("")]);
    const at = first.ids.findIndex((id) => Number(id) >= 8);
    const rest = await read({ "Last-Event-ID": String(first.ids[at]) });
    expect(first.text.slice(0, at + 1).join("") + rest.text.join("")).toBe(first.text.join(""));
    expect(rest.text.join("").length).toBeLessThan(first.text.join("").length);
  });

  test("that cannot be are refused as OpenAI's errors, thrown by the client as its own", async () => {
    const unknown = await client.chat.completions
      .create({ ...chat, model: "tinyml" })
      .catch((error) => error);
    expect(unknown).toBeInstanceOf(NotFoundError);
    expect(unknown).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    const long = { ...chat, messages: [{ role: "user" as const, content: "word ".repeat(2_000) }] };
    for (const stream of [false, true]) {
      const error = await client.chat.completions.create({ ...long, stream }).catch((reason) => reason);
      expect(error).toBeInstanceOf(BadRequestError);
      expect(error).toMatchObject({ code: "context_length_exceeded", param: "messages" });
    }
    const tools = [{ type: "function" as const, function: { name: "f" } }];
    const withTools = await client.chat.completions.create({ ...chat, tools }).catch((error) => error);
    expect(withTools).toBeInstanceOf(APIError);
    expect(withTools).toMatchObject({ status: 400, param: "tools" });
  });
});

describe("text completions", () => {
  test("continue texts and tokens, several at once, whole and streamed", async () => {
    const asked = { model: "tinylm", max_tokens: 32, temperature: 0 };
    const both = await client.completions.create({ ...asked, prompt: [PROMPT, PROMPT], logprobs: 1 });
    expect(both.choices.map(({ text }) => text)).toEqual([
      TINYLM_ANSWER.greedyText,
      TINYLM_ANSWER.greedyText,
    ]);
    expect(both.choices[0]?.logprobs?.tokens).toHaveLength(32);
    const prompt = [...TINYLM_ANSWER.promptIds];
    const stream = await client.completions.create({ ...asked, prompt, stream: true });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? "";
    expect(text).toBe(TINYLM_ANSWER.greedyText);
  });
});

test("where another machine can check, answers are given first and checked then, though nobody reads on", async () => {
  await live.addRunner("bert");
  const answer = await until("a job that is checked", async () => {
    const made = await client.chat.completions.create(chat);
    return "infernet" in made && JSON.stringify(made.infernet).includes('"mode":"audit"') ? made : null;
  });
  const job = await until("the job to be checked", async () => {
    const found = await live.client.getJob(noteOf(answer).job_id);
    return isFinal(found.state) ? found : null;
  });
  expect(job).toMatchObject({
    state: "succeeded",
    verification: { plan: { mode: "audit", auditors: 1 }, reached: { audits_passed: 1, disputes: 0 } },
  });
  expect(BigInt(job.price.settled?.charged_micro ?? 0)).toBeLessThanOrEqual(BigInt(job.price.quoted_micro));
});

test("models are listed with whether a machine has them", async () => {
  const models = [];
  for await (const model of client.models.list()) models.push(model);
  expect(models).toMatchObject([{ id: "tinylm", object: "model", runners_capable: 2 }]);
  expect(await client.models.retrieve("tinylm")).toMatchObject({ id: "tinylm", context_length: 512 });
});

test("the examples of the page run as they stand", () => {
  const text = readFileSync(PAGE, "utf8");
  const blocks = [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
  expect(blocks).toHaveLength(4);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", blocks.join("\n")],
    { cwd: E2E, encoding: "utf8", env: { ...process.env, EDGE: live.edge.url, KEY: live.client.key } },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const answer = TINYLM_ANSWER.greedyText.slice(0, 20);
  expect(stdout.split(answer)).toHaveLength(3);
  expect(stdout).toMatch(/\n21 job_[0-9a-f_]+\n/);
  expect(stdout).toMatch(/true\n404 model_not_found\n$/);
});
