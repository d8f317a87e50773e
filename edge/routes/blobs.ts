import { createRoute, z } from "@hono/zod-openapi";
import { Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { parseRange } from "../blobs/parse-range.ts";
import { storeUpload } from "../blobs/store-upload.ts";
import { createRouter } from "../http/create-router.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccountOrRunner } from "../http/require-account-or-runner.ts";

export const blobs = createRouter();

const Bytes = z.string().meta({ type: "string", format: "binary" });
const params = z.strictObject({ sha256: Sha256 });
const BlobStored = z.strictObject({ sha256: Sha256, bytes: z.int() }).meta({ id: "BlobStored" });
const stored = { "application/json": { schema: BlobStored } };

const put = createRoute({
  method: "put",
  path: "/blobs/{sha256}",
  tags: ["Blobs"],
  summary: "Upload bytes under their sha256",
  description:
    "Checked while it streams in; nothing is stored unless the bytes have the digest. Repeats change nothing.",
  security: [{ account: [] }, { runner: [] }],
  middleware: [requireAccountOrRunner],
  request: { params, body: { required: true, content: { "application/octet-stream": { schema: Bytes } } } },
  responses: {
    200: { description: "It was there already", content: stored },
    201: { description: "It is stored now", content: stored },
    ...problemAnswers("header_invalid", "authentication_failed", "body_too_large", "digest_mismatch"),
  },
});

blobs.openapi(put, async (c) => {
  const { sha256 } = c.req.valid("param");
  const bytes = contentLength(c.req.header("Content-Length"));
  const body = c.req.raw.body ?? new Blob([]).stream();
  const outcome = await storeUpload(createBlobStore(c.env), sha256, body, bytes);
  return c.json({ sha256, bytes }, outcome === "created" ? 201 : 200);
});

const get = createRoute({
  method: "get",
  path: "/blobs/{sha256}",
  tags: ["Blobs"],
  summary: "Download bytes by their sha256",
  description: "Takes a single byte range. HEAD tells the size.",
  security: [{ account: [] }, { runner: [] }],
  middleware: [requireAccountOrRunner],
  request: { params },
  responses: {
    200: { description: "The bytes", content: { "application/octet-stream": { schema: Bytes } } },
    206: { description: "The range", content: { "application/octet-stream": { schema: Bytes } } },
    304: { description: "The caller's copy is right: content never changes under its digest" },
    ...problemAnswers("authentication_failed", "not_found", "range_unsatisfiable"),
  },
});

blobs.openapi(get, async (c) => {
  const { sha256 } = c.req.valid("param");
  const store = createBlobStore(c.env);
  const etag = `"${sha256}"`;
  const known = await store.head(sha256);
  if (!known) throw new InfernetError("not_found", `There is no blob ${sha256}.`);
  c.header("ETag", etag);
  c.header("Accept-Ranges", "bytes");
  c.header("Cache-Control", "private, max-age=31536000, immutable");
  if (c.req.header("If-None-Match")?.includes(etag)) return c.body(null, 304);
  c.header("Content-Type", "application/octet-stream");

  const conditional = c.req.header("If-Range");
  const wanted = conditional === undefined || conditional === etag ? c.req.header("Range") : undefined;
  const range = parseRange(wanted, known.bytes);
  if (range)
    c.header("Content-Range", `bytes ${range.start}-${range.start + range.length - 1}/${known.bytes}`);
  c.header("Content-Length", String(range?.length ?? known.bytes));
  const status = range ? 206 : 200;
  if (c.req.method === "HEAD" || known.bytes === 0) return c.body(null, status);

  const blob = await store.get(sha256, range ?? undefined);
  if (!blob) throw new InfernetError("not_found", `There is no blob ${sha256}.`);
  return c.body(blob.body, status);
});

function contentLength(header: string | undefined): number {
  if (header !== undefined && /^\d{1,15}$/.test(header)) return Number(header);
  throw new InfernetError("header_invalid", "An upload needs a Content-Length: the number of its bytes.");
}
