import { reset } from "cloudflare:test";
import { InfernetError } from "@infernet/schemas/errors";
import { afterEach, describe, expect, it } from "vitest";
import { callEdge } from "../testing/call-edge.ts";
import { OpenaiError, renderOpenaiError } from "./openai-error.ts";

afterEach(reset);

describe("a failure in OpenAI's shape", () => {
  it("names the member at fault as OpenAI writes it", () => {
    const errors = [{ pointer: "/messages/0/content", detail: "is missing" }];
    const error = new InfernetError("request_invalid", "In the body, it is missing", { errors });
    expect(renderOpenaiError(error)).toEqual({
      status: 400,
      body: {
        error: {
          message: "In the body, it is missing.",
          type: "invalid_request_error",
          param: "messages[0].content",
          code: "invalid_value",
        },
      },
    });
  });

  it("has OpenAI's names for an empty account and an unknown model, and our own where there is none", () => {
    const codeOf = (error: InfernetError) => renderOpenaiError(error).body.error.code;
    expect(codeOf(new InfernetError("funds_insufficient", ""))).toBe("insufficient_quota");
    expect(renderOpenaiError(new InfernetError("model_unknown", "no")).body.error).toMatchObject({
      param: "model",
      code: "model_not_found",
    });
    expect(codeOf(new InfernetError("idempotency_mismatch", ""))).toBe("idempotency_mismatch");
  });
});

describe("below /v1 everything fails in OpenAI's shape", () => {
  it.each([
    ["a route that does not exist", "/v1/nothing", "GET", 404, "not_found"],
    ["a method that a route does not take", "/v1/models", "PUT", 405, "method_not_allowed"],
    ["a request without a key", "/v1/models", "GET", 401, "invalid_api_key"],
  ])("%s", async (_, path, method, status, code) => {
    const answer = await callEdge(path, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("X-Request-Id")).toMatch(/^req_/);
    expect(OpenaiError.parse(await answer.json()).error).toMatchObject({
      type: "invalid_request_error",
      code,
    });
  });
});
