import { InfernetError } from "@infernet/schemas/errors";
import { ModelManifest } from "@infernet/schemas/model";
import { describe, expect, it } from "vitest";
import { ChatRequest } from "./chat-request.ts";
import { renderOpenaiError } from "./openai-error.ts";
import { parseChat } from "./parse-chat.ts";

const manifest = (features: string[] = []): ModelManifest =>
  ModelManifest.parse({
    engine: "llm",
    entry: "onnx/model.onnx",
    files: [{ path: "onnx/model.onnx", sha256: "a".repeat(64), bytes: 1 }],
    inputs: [{ name: "request", datatype: "BYTES", shape: [null] }],
    outputs: [{ name: "generation", datatype: "BYTES", shape: [null] }],
    llm: { context_tokens: 512, parameters: "1000", features },
  });

const chat = (changes: object = {}): ChatRequest =>
  ChatRequest.parse({ model: "tinylm", messages: [{ role: "user", content: "Hi" }], ...changes });

function refusal(changes: object, features: string[] = []): unknown {
  try {
    parseChat(chat(changes), manifest(features), 1);
  } catch (error) {
    if (error instanceof InfernetError) return renderOpenaiError(error);
    throw error;
  }
  return null;
}

describe("a chat request becomes rows", () => {
  it("one for each choice, seeded one after the other", () => {
    const { rows, seed } = parseChat(chat({ n: 3, seed: -1, stop: "." }), manifest(), 5);
    expect(seed).toBe(2 ** 32 - 1);
    expect(rows.map(({ sampling }) => sampling.seed)).toEqual([2 ** 32 - 1, 0, 1]);
    expect(rows[0]?.sampling).toMatchObject({ temperature: 1, top_p: 1, stop: ["."], tokens_max: 512 });
  });

  it("with a seed that is given where it names none, and the newer of two limits", () => {
    const { rows } = parseChat(chat({ max_tokens: 3, max_completion_tokens: 4 }), manifest(), 77);
    expect(rows).toMatchObject([{ sampling: { seed: 77, tokens_max: 4 }, top_logprobs: null }]);
  });

  it("with null, empty and neutral members left out as if they were absent", () => {
    const neutral = {
      tools: [],
      tool_choice: "auto",
      response_format: { type: "text" },
      logit_bias: {},
      modalities: ["text"],
      presence_penalty: 0,
      frequency_penalty: null,
      temperature: null,
    };
    expect(parseChat(chat(neutral), manifest(), 1)).toEqual(parseChat(chat(), manifest(), 1));
  });

  it("with what OpenAI documents and changes nothing left alone", () => {
    const harmless = { user: "u", store: true, metadata: { a: "b" }, service_tier: "auto" };
    expect(parseChat(chat(harmless), manifest(), 1)).toEqual(parseChat(chat(), manifest(), 1));
  });
});

describe("a chat request is refused, naming its member", () => {
  it.each([
    [{ tools: [{ type: "function" }] }, "tools"],
    [{ response_format: { type: "json_object" } }, "response_format"],
    [{ presence_penalty: 1 }, "presence_penalty"],
    [{ logprobs: true }, "logprobs"],
    [{ logprobs: true, top_logprobs: 2 }, "top_logprobs"],
    [{ logit_bias: { "5": 1 } }, "logit_bias"],
    [{ audio: { voice: "alloy" } }, "audio"],
    [
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
      "messages[0].content[0]",
    ],
  ])("where the model lacks what %j needs", (changes, param) => {
    expect(refusal(changes)).toMatchObject({
      status: 400,
      body: { error: { type: "invalid_request_error", param, code: "unsupported_parameter" } },
    });
  });

  it("where it asks for more tokens than the model takes", () => {
    expect(refusal({ max_tokens: 513 })).toMatchObject({
      status: 400,
      body: { error: { param: "max_tokens", code: "invalid_value" } },
    });
    expect(refusal({ max_completion_tokens: 513 })).toMatchObject({
      body: { error: { param: "max_completion_tokens" } },
    });
  });

  it("but not where the model has the feature", () => {
    expect(refusal({ tools: [{ type: "function" }], logprobs: true }, ["tools", "logprobs"])).toBeNull();
  });
});
