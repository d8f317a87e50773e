import { InfernetError } from "@infernet/schemas/errors";
import { expect, test } from "vitest";
import { boundaryOf, readMultipart } from "./read-multipart.ts";

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

async function readForm(
  bytes: Uint8Array,
  boundary: string,
  size: number,
): Promise<[string, string | null, string][]> {
  const parts: { name: string; filename: string | null; bytes: number[] }[] = [];
  for await (const event of readMultipart(cut(bytes, size), boundary)) {
    if (event.kind === "part") parts.push({ name: event.name, filename: event.filename, bytes: [] });
    else parts.at(-1)?.bytes.push(...event.bytes);
  }
  return parts.map(({ name, filename, bytes: content }) => [
    name,
    filename,
    new TextDecoder().decode(new Uint8Array(content)),
  ]);
}

/** A form as the platform's own FormData writes it, which is what OpenAI's client sends. */
async function encodeForm(form: FormData): Promise<{ bytes: Uint8Array; boundary: string }> {
  const request = new Request("http://edge.test", { method: "POST", body: form });
  const boundary = boundaryOf(request.headers.get("Content-Type") ?? "");
  return { bytes: new Uint8Array(await request.arrayBuffer()), boundary };
}

test("a form is read the same however its bytes are cut", async () => {
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("empty", "");
  const content = "\r\n--almost\r\r\n{}\r\n\r\n-- zwölf 🎈\n";
  form.set("file", new File([content], 'a "quoted" name.jsonl'));
  const { bytes, boundary } = await encodeForm(form);
  for (let size = 1; size <= bytes.byteLength; size += 1 + Math.floor(size / 40))
    expect(await readForm(bytes, boundary, size), `in chunks of ${size}`).toEqual([
      ["purpose", null, "batch"],
      ["empty", null, ""],
      ["file", 'a "quoted" name.jsonl', content],
    ]);
});

test("what is no form, or ends too early, is refused", async () => {
  const form = new FormData();
  form.set("purpose", "batch");
  const { bytes, boundary } = await encodeForm(form);
  for (const broken of [bytes.subarray(0, bytes.byteLength - 6), new Uint8Array(0), new Uint8Array(40_000)])
    await expect(readForm(broken, boundary, 1_000)).rejects.toThrow(/not the form/);
  expect(() => boundaryOf("application/json")).toThrow(InfernetError);
  expect(boundaryOf('multipart/form-data; charset=utf-8; boundary="a b"')).toBe("a b");
});
