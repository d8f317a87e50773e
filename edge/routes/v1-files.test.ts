import { reset } from "cloudflare:test";
import { FileObject } from "@infernet/schemas/file";
import { LIMITS } from "@infernet/schemas/limits";
import { openaiPageOf } from "@infernet/schemas/openai-page";
import { afterEach, expect, test, vi } from "vitest";
import { callEdge } from "../testing/call-edge.ts";
import { createTestAccount, type TestAccount } from "../testing/test-account.ts";
import { OpenaiError } from "../v1/openai-error.ts";

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

function formOf(content: string | Uint8Array<ArrayBuffer>, fields: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries({ purpose: "batch", ...fields })) form.set(name, value);
  form.set("file", new File([content], "requests.jsonl"));
  return form;
}

const post = ({ headers }: TestAccount, body: FormData): Promise<Response> =>
  callEdge("/v1/files", { method: "POST", headers, body });

async function upload(account: TestAccount, content: string | Uint8Array<ArrayBuffer>): Promise<FileObject> {
  const answer = await post(account, formOf(content));
  expect(answer.status).toBe(200);
  return FileObject.parse(await answer.json());
}

test("a file comes back as it went in, until it is deleted", async () => {
  const account = await createTestAccount();
  const { headers } = account;
  const file = await upload(account, "one\ntwö\n");
  expect(file).toMatchObject({ bytes: 9, filename: "requests.jsonl", purpose: "batch", status: "processed" });
  const content = await callEdge(`/v1/files/${file.id}/content`, { headers });
  expect(await content.text()).toBe("one\ntwö\n");
  expect(await (await callEdge(`/v1/files/${file.id}`, { headers })).json()).toEqual(file);
  const gone = await callEdge(`/v1/files/${file.id}`, { method: "DELETE", headers });
  expect(await gone.json()).toEqual({ id: file.id, object: "file", deleted: true });
  expect((await callEdge(`/v1/files/${file.id}/content`, { headers })).status).toBe(404);
});

test("a file of several pieces is one again", async () => {
  const account = await createTestAccount();
  const bytes = new Uint8Array(LIMITS.file_piece_bytes_max + 100_001).map((_, i) => i % 251);
  const file = await upload(account, bytes);
  const answer = await callEdge(`/v1/files/${file.id}/content`, { headers: account.headers });
  const got = new Uint8Array(await answer.arrayBuffer());
  expect(got.byteLength).toBe(bytes.byteLength);
  expect(got.every((byte, i) => byte === bytes[i])).toBe(true);
});

test("another account's file does not exist", async () => {
  const file = await upload(await createTestAccount(), "x");
  const { headers } = await createTestAccount();
  for (const path of [`/v1/files/${file.id}`, `/v1/files/${file.id}/content`]) {
    const answer = await callEdge(path, { headers });
    expect(answer.status).toBe(404);
    expect(OpenaiError.parse(await answer.json()).error.code).toBe("not_found");
  }
  expect((await callEdge(`/v1/files/${file.id}`, { method: "DELETE", headers })).status).toBe(404);
});

test("files are listed by pages, in both orders", async () => {
  const account = await createTestAccount();
  const ids: string[] = [];
  for (const content of ["a", "b", "c"]) ids.push((await upload(account, content)).id);
  const list = async (query: string) => {
    const answer = await callEdge(`/v1/files?${query}`, { headers: account.headers });
    const { data, has_more } = openaiPageOf(FileObject).parse(await answer.json());
    return [data.map(({ id }) => ids.indexOf(id)), has_more];
  };
  expect(await list("limit=2")).toEqual([[2, 1], true]);
  expect(await list(`limit=2&after=${ids[1]}`)).toEqual([[0], false]);
  expect(await list("order=asc&purpose=batch")).toEqual([[0, 1, 2], false]);
  expect(await list("purpose=batch_output")).toEqual([[], false]);
});

test("a file is kept as long as it was said, and not longer", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const account = await createTestAccount();
  const form = formOf("x", { "expires_after[anchor]": "created_at", "expires_after[seconds]": "3600" });
  const file = FileObject.parse(await (await post(account, form)).json());
  expect(file.expires_at - file.created_at).toBe(3_600);
  const status = async () => (await callEdge(`/v1/files/${file.id}`, { headers: account.headers })).status;
  vi.setSystemTime(Date.now() + 3_599_000);
  expect(await status()).toBe(200);
  vi.setSystemTime(Date.now() + 2_000);
  expect(await status()).toBe(404);
});

test.each([
  ["another purpose", formOf("x", { purpose: "fine-tune" }), 400, "purpose"],
  ["a field that nobody knows", formOf("x", { porpose: "batch" }), 400, "porpose"],
  ["an empty file", formOf(""), 400, "file"],
])("%s is refused in OpenAI's shape", async (_, form, status, param) => {
  const answer = await post(await createTestAccount(), form);
  expect(answer.status).toBe(status);
  expect(OpenaiError.parse(await answer.json()).error).toMatchObject({
    type: "invalid_request_error",
    param,
  });
});

test("a body that is no form is refused", async () => {
  const { headers } = await createTestAccount();
  const answer = await callEdge("/v1/files", { method: "POST", headers, body: "{}" });
  expect(answer.status).toBe(415);
});

test("a file that is too large is refused before it has come to its end", async () => {
  const account = await createTestAccount();
  const boundary = "b";
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n`;
  let sent = 0;
  const chunk = new Uint8Array(1_000_000);
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(head)),
    pull: (controller) => {
      sent += chunk.byteLength;
      controller.enqueue(chunk.slice());
    },
  });
  const answer = await callEdge("/v1/files", {
    method: "POST",
    headers: { ...account.headers, "Content-Type": `multipart/form-data; boundary=${boundary}` },
    body,
  });
  expect(answer.status).toBe(413);
  expect(sent).toBeLessThan(LIMITS.blob_bytes_max + 4_000_000);
});
