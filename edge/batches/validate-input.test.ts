import { LIMITS } from "@infernet/schemas/limits";
import { expect, test } from "vitest";
import { readLines } from "../files/read-lines.ts";
import { validateInput } from "./validate-input.ts";

const line = (custom_id: string, changes: object = {}): string =>
  JSON.stringify({
    custom_id,
    method: "POST",
    url: "/v1/embeddings",
    body: { model: "tiny", input: "x" },
    ...changes,
  });

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

const validate = (...lines: string[]) => validateInput(readLines(once(lines.join("\n"))), "/v1/embeddings");

test("requests are counted, blank lines are not", async () => {
  expect(await validate(line("a"), "", line("b"), "  ")).toEqual({ kind: "accepted", total: 2 });
});

test("what is no request is told by its line, and an id that stands twice by both", async () => {
  const found = await validate(
    line("a"),
    "{",
    line("b", { method: "GET" }),
    line("c", { url: "/v1/completions" }),
    line("d", { body: { input: "x" } }),
    line("e", { bdoy: 1 }),
    line("a"),
  );
  if (found.kind !== "refused") throw new Error("it was accepted");
  expect(found.errors.map(({ code, line, param }) => [line, code, param])).toEqual([
    [2, "invalid_json_line", null],
    [3, "invalid_request", "method"],
    [4, "mismatched_url", "url"],
    [5, "invalid_request", "body.model"],
    [6, "invalid_request", "bdoy"],
    [7, "duplicate_custom_id", "custom_id"],
  ]);
  expect(found.errors[5]?.message).toContain("line 1");
});

test("an input without requests, or with too many, is refused", async () => {
  expect(await validate("", "\n")).toMatchObject({ errors: [{ code: "empty_file", line: null }] });
  const many = Array.from({ length: LIMITS.batch_lines_max + 1 }, (_, n) => line(String(n)));
  expect(await validate(...many)).toMatchObject({
    errors: [{ code: "too_many_requests", line: LIMITS.batch_lines_max + 1 }],
  });
});

test("of many mistakes the first are told", async () => {
  const found = await validate(...Array.from({ length: 5_000 }, () => "{"));
  if (found.kind !== "refused") throw new Error("it was accepted");
  expect(found.errors).toHaveLength(LIMITS.batch_errors_max);
});
