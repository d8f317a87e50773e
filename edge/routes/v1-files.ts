import { createRoute, z } from "@hono/zod-openapi";
import { FileDeleted, FileObject, FilePurpose } from "@infernet/schemas/file";
import { FileId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { OpenaiPageQuery, openaiPageOf } from "@infernet/schemas/openai-page";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { streamPieces } from "../files/read-pieces.ts";
import { receiveFile } from "../files/receive-file.ts";
import { renderFile } from "../files/render-file.ts";
import { requireAccount } from "../http/require-account.ts";
import { unwrap } from "../rpc.ts";
import { createV1Router } from "../v1/create-v1-router.ts";
import { openaiAnswers } from "../v1/openai-answers.ts";

export const v1Files = createV1Router();

const common = { tags: ["OpenAI"], security: [{ account: [] }], middleware: [requireAccount] };
const params = z.object({ id: FileId });
const file = { "application/json": { schema: FileObject } };

const create = createRoute({
  ...common,
  method: "post",
  path: "/v1/files",
  summary: "Upload a file of requests for a batch",
  description:
    "One JSON object a line. Its lines are checked when a batch is made of it. " +
    `A file has at most ${LIMITS.blob_bytes_max} bytes and is kept for ${LIMITS.file_retention_ms / 86_400_000} days, ` +
    "or as long as `expires_after` says.",
  request: {
    body: {
      required: true,
      content: {
        "multipart/form-data": {
          schema: z.object({
            file: z.string().meta({ type: "string", format: "binary" }),
            purpose: z.literal("batch"),
            "expires_after[anchor]": z.literal("created_at").optional(),
            "expires_after[seconds]": z.string().optional(),
          }),
        },
      },
    },
  },
  responses: {
    200: { description: "The file", content: file },
    ...openaiAnswers(
      "authentication_missing",
      "request_malformed",
      "request_invalid",
      "unsupported_media_type",
      "body_too_large",
      "too_many_files",
      "rate_limited",
    ),
  },
});

// Not by `openapi`, which would read the whole form into memory before anybody looks at it.
v1Files.openAPIRegistry.registerPath(create);
v1Files.post(create.path, requireAccount, async (c) => {
  const body = c.req.raw.body ?? new Blob([]).stream();
  const received = await receiveFile(createBlobStore(c.env), c.req.header("Content-Type"), body);
  const stored = unwrap(await c.env.ACCOUNT.getByName(c.get("account").id).addFile(received));
  return c.json(renderFile(stored), 200);
});

const list = createRoute({
  ...common,
  method: "get",
  path: "/v1/files",
  summary: "List files",
  request: {
    query: OpenaiPageQuery.extend({
      order: z.enum(["asc", "desc"]).default("desc"),
      purpose: FilePurpose.optional(),
    }),
  },
  responses: {
    200: {
      description: "A page of files, the newest first unless `order` says otherwise",
      content: { "application/json": { schema: openaiPageOf(FileObject) } },
    },
    ...openaiAnswers("authentication_missing", "request_invalid", "rate_limited"),
  },
});

v1Files.openapi(list, async (c) => {
  const page = await c.env.ACCOUNT.getByName(c.get("account").id).files(c.req.valid("query"));
  return c.json({ ...page, data: page.data.map(renderFile) }, 200);
});

const problems = openaiAnswers("authentication_missing", "not_found", "rate_limited");

const read = createRoute({
  ...common,
  method: "get",
  path: "/v1/files/{id}",
  summary: "Read what a file is",
  request: { params },
  responses: { 200: { description: "The file", content: file }, ...problems },
});

v1Files.openapi(read, async (c) => {
  const { id } = c.req.valid("param");
  return c.json(renderFile(unwrap(await c.env.ACCOUNT.getByName(c.get("account").id).file(id))), 200);
});

const content = createRoute({
  ...common,
  method: "get",
  path: "/v1/files/{id}/content",
  summary: "Download a file",
  request: { params },
  responses: {
    200: {
      description: "Its bytes",
      content: { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } },
    },
    ...problems,
  },
});

v1Files.openapi(content, async (c) => {
  const { id } = c.req.valid("param");
  const { pieces, bytes } = unwrap(await c.env.ACCOUNT.getByName(c.get("account").id).file(id));
  const body = streamPieces(createBlobStore(c.env), pieces);
  return c.body(body, 200, { "Content-Type": "application/octet-stream", "Content-Length": String(bytes) });
});

const remove = createRoute({
  ...common,
  method: "delete",
  path: "/v1/files/{id}",
  summary: "Delete a file",
  description: "A batch that was made of it goes on.",
  request: { params },
  responses: {
    200: { description: "It is gone", content: { "application/json": { schema: FileDeleted } } },
    ...problems,
  },
});

v1Files.openapi(remove, async (c) => {
  const { id } = c.req.valid("param");
  unwrap(await c.env.ACCOUNT.getByName(c.get("account").id).deleteFile(id));
  return c.json({ id, object: "file" as const, deleted: true as const }, 200);
});
