import { reset } from "cloudflare:test";
import { LIMITS } from "@infernet/schemas/limits";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callEdge, json } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestAccount, type TestAccount } from "../testing/test-account.ts";
import { LLM_CAPABILITY, registerTestLlm } from "../testing/test-llm.ts";
import { createTestRunner, type TestRunner } from "../testing/test-runner.ts";
import { OpenaiError } from "../v1/openai-error.ts";

let account: TestAccount;
let runner: TestRunner;

beforeEach(async () => {
  await migrateIndex();
  account = await createTestAccount();
  runner = await createTestRunner();
  await registerTestLlm(account);
});
afterEach(reset);

const online = () => runner.call("/runner/register", json({ version: "0.1.0", capability: LLM_CAPABILITY }));

const chat = (changes: object = {}) => ({
  model: "tinylm",
  messages: [{ role: "user", content: "Hi" }],
  max_tokens: 8,
  ...changes,
});

const post = (body: object, path = "/v1/chat/completions") => callEdge(path, json(body, account.headers));

async function refused(answer: Response): Promise<OpenaiError["error"] & { status: number }> {
  expect(answer.headers.get("Content-Type")).toBe("application/json");
  const { error } = OpenaiError.parse(await answer.json());
  return { status: answer.status, ...error };
}

describe("a request for text that is refused", () => {
  it("for a model that does not exist names the one that was probably meant", async () => {
    expect(await refused(await post(chat({ model: "tinyml" })))).toMatchObject({
      status: 404,
      code: "model_not_found",
      param: "model",
      message: expect.stringContaining('Did you mean "tinylm"?'),
    });
    const foreign = await refused(await post(chat({ model: "HuggingFace/TinyLM" })));
    expect(foreign).toMatchObject({ status: 404, message: expect.stringContaining('"tinylm"') });
  });

  it("for one of its members names it", async () => {
    const cases: [object, string, string][] = [
      [{ max_tokens: 0 }, "max_tokens", "invalid_value"],
      [{ max_tokens: 1e9 }, "max_tokens", "invalid_value"],
      [{ max_tokens: 513 }, "max_tokens", "invalid_value"],
      [{ max_tokenz: 5 }, "max_tokenz", "invalid_value"],
      [{ messages: [] }, "messages", "invalid_value"],
      [{ tools: [{ type: "function" }] }, "tools", "unsupported_parameter"],
      [{ logit_bias: { 5: 100 } }, "logit_bias", "unsupported_parameter"],
      [{ n: 9 }, "n", "invalid_value"],
    ];
    for (const [changes, param, code] of cases) {
      const error = await refused(await post(chat(changes)));
      expect(error).toMatchObject({ status: 400, type: "invalid_request_error", param, code });
      expect(error.message).toContain(param);
    }
  });

  it("for a prompt of more tokens than the model takes says so by OpenAI's name for it", async () => {
    const prompt = Array.from({ length: 600 }, () => 5);
    const error = await refused(await post({ model: "tinylm", prompt }, "/v1/completions"));
    expect(error).toMatchObject({ status: 400, code: "context_length_exceeded", param: "prompt" });
  });

  it("for a body that is no JSON in UTF-8 says which of the two it is not", async () => {
    const headers = { ...account.headers, "Content-Type": "application/json" };
    for (const [body, words] of [
      ["{", "not JSON"],
      [Uint8Array.of(0x22, 0xff, 0x22), "not UTF-8"],
    ] as const) {
      const answer = await callEdge("/v1/chat/completions", { method: "POST", body, headers });
      const error = await refused(answer);
      expect(error).toMatchObject({ status: 400, type: "invalid_request_error" });
      expect(error.message).toContain(words);
    }
  });

  it("for a body over the limit says so before it is read", async () => {
    const long = "x".repeat(LIMITS.json_body_bytes_max);
    const error = await refused(await post(chat({ messages: [{ role: "user", content: long }] })));
    expect(error).toMatchObject({ status: 413, code: "body_too_large" });
  });

  it("for a key that is wrong says so as OpenAI does, and counts requests as other routes do", async () => {
    const headers = { Authorization: `Bearer ${account.api_key.slice(0, -1)}-` };
    const answer = await callEdge("/v1/chat/completions", json(chat(), headers));
    expect(await refused(answer)).toMatchObject({ status: 401, code: "invalid_api_key" });
    expect((await post(chat({ n: 0 }))).headers.get("RateLimit")).toMatch(/^"account";r=/);
  });

  it("for want of funds says so by OpenAI's name for it, and that repeating it is of no use", async () => {
    await online();
    account = await createTestAccount("poor", "0");
    const answer = await post(chat());
    expect(answer.headers.get("X-Should-Retry")).toBe("false");
    expect(await refused(answer)).toMatchObject({
      status: 429,
      type: "insufficient_quota",
      code: "insufficient_quota",
    });
  });

  it("for want of machines says what those lack that are online, and that it may be repeated", async () => {
    const nobody = await post(chat({ provider: { regions: ["nowhere"] } }));
    expect(nobody.headers.get("X-Should-Retry")).toBe("true");
    expect(await refused(nobody)).toMatchObject({ status: 503, code: "no_machine_fits" });
    await online();
    const wanted = { provider: { min_vram_bytes: 2 ** 33 }, user: "somebody" };
    const error = await refused(await post(chat(wanted)));
    expect(error.message).toContain("8 GiB of GPU memory; this machine offers none");
  });

  it("for its price names what it costs", async () => {
    await online();
    const wanted = { provider: { max_price: { completion: 0.5 } } };
    expect(await refused(await post(chat(wanted)))).toMatchObject({
      status: 400,
      param: "provider.max_price.completion",
      message: expect.stringContaining("2.222223"),
    });
  });
});

describe("models", () => {
  const get = (path: string) => callEdge(path, { headers: account.headers });

  it("are listed with their context, what tokens cost, and whether a machine has them", async () => {
    await registerTestLlm(account, "served", { engine: "openai", llm: { features: ["tools"] } });
    const before = await (await get("/v1/models/tinylm")).json();
    expect(before).toMatchObject({ id: "tinylm", object: "model", owned_by: "infernet", runners_capable: 0 });
    await online();
    const { object, data } = await (await get("/v1/models")).json<{ object: string; data: object[] }>();
    expect(object).toBe("list");
    expect(data).toMatchObject([
      { id: "served", engine: "openai", features: ["tools"], runners_capable: 1 },
      {
        id: "tinylm",
        context_length: 512,
        pricing: { prompt_micro: "555556", cached_micro: "55556", completion_micro: "2222223" },
        runners_capable: 1,
      },
    ]);
  });

  it("that do not exist are not found, in OpenAI's shape", async () => {
    expect(await refused(await get("/v1/models/gpt-4o"))).toMatchObject({
      status: 404,
      code: "model_not_found",
    });
  });
});
