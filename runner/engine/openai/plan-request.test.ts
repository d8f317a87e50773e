import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { describe, expect, it } from "vitest";
import { type PlannedRequest, planRequest } from "./plan-request.ts";
import type { ServerKind } from "./probe-server.ts";
import { chatRequest } from "./testing/openai-manifest.ts";

const given = { tokens: null, positions: 2, text: "Once upon" };
const textRequest = (text: string): GenerationRequest => chatRequest({ prompt: { kind: "text", text } });
const idsRequest = chatRequest({ prompt: { kind: "tokens", tokens: [1, 2] } });
const messages = (...said: [role: string, content: unknown][]): GenerationRequest =>
  chatRequest({
    prompt: { kind: "chat", messages: said.map(([role, content]) => ({ role, content })) },
  });

function planned(...args: Parameters<typeof planRequest>): PlannedRequest {
  const plan = planRequest(...args);
  if ("error" in plan) throw new Error(plan.error.message);
  return plan;
}
const bodyOf = (kind: ServerKind, request: GenerationRequest, stands: typeof given | null = null) =>
  planned("tiny", kind, request, stands).body;

describe("what a server is asked", () => {
  it("goes on with a text by its text", () => {
    const plan = planned("tiny", "ollama", textRequest("Tell: "), given);
    expect(plan.path).toBe("/v1/completions");
    expect(plan.body).toMatchObject({ prompt: "Tell: Once upon", max_tokens: 14 });
  });

  it("is handed token ids where it takes them, and is not where it does not", () => {
    expect(bodyOf("llama.cpp", idsRequest)).toMatchObject({ prompt: [1, 2] });
    expect(planRequest("tiny", "ollama", idsRequest, null)).toMatchObject({
      error: { code: "request_unsupported" },
    });
    expect(planRequest("tiny", "vllm", idsRequest, given)).toMatchObject({
      error: { code: "request_unsupported" },
    });
  });

  it("goes on with an assistant's message, which only vLLM has to be told", () => {
    const asked = messages(["user", "Tell"]);
    const last = { role: "assistant", content: "Once upon" };
    for (const kind of ["ollama", "llama.cpp", "lm-studio", "server"] as const) {
      expect(bodyOf(kind, asked, given).messages).toEqual([{ role: "user", content: "Tell" }, last]);
      expect(bodyOf(kind, asked, given)).not.toHaveProperty("continue_final_message");
    }
    expect(bodyOf("vllm", asked, given)).toMatchObject({ continue_final_message: true });
    expect(bodyOf("vllm", asked)).not.toHaveProperty("continue_final_message");
  });

  it("never has two assistant's messages at the end", () => {
    const asked = messages(["user", "Tell"], ["assistant", "Well: "]);
    expect(bodyOf("llama.cpp", asked, given).messages).toEqual([
      { role: "user", content: "Tell" },
      { role: "assistant", content: "Well: Once upon" },
    ]);
  });

  it("gets a seed that it takes for one", () => {
    expect(bodyOf("llama.cpp", chatRequest({}, { seed: 2 ** 32 - 1 })).seed).toBe(2 ** 31 - 1);
    expect(bodyOf("llama.cpp", chatRequest({}, { seed: 5 })).seed).toBe(5);
  });

  it("has no tools to complete a text with", () => {
    const request = { ...textRequest("Tell"), tools: [] };
    expect(planRequest("tiny", "vllm", request, null)).toMatchObject({
      error: { code: "request_unsupported" },
    });
  });

  it("never sends the server to an address that a stranger chose", () => {
    const image = (url: unknown) =>
      messages([
        "user",
        [
          { type: "text", text: "https://example" },
          { type: "image_url", image_url: url },
        ],
      ]);
    const dangerous = [
      { url: "http://169.254.169.254/latest" },
      { url: "file:///etc/passwd" },
      "https://10.0.0.1/x.png",
      { url: "/etc/passwd" },
      { nested: { link: "http://10.0.0.1" } },
    ];
    for (const url of dangerous)
      expect(planRequest("tiny", "vllm", image(url), null)).toMatchObject({
        error: { code: "request_unsupported" },
      });
    expect(
      planned("tiny", "vllm", image({ url: "data:image/png;base64,AAAA", detail: "low" }), null),
    ).toBeDefined();
    const sound = { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } };
    expect(planned("tiny", "vllm", messages(["user", [sound]]), null)).toBeDefined();
  });
});
