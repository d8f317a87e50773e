import { InfernetError } from "@infernet/schemas/errors";
import type { FilePiece } from "@infernet/schemas/file";
import { LIMITS } from "@infernet/schemas/limits";
import { z } from "zod";
import type { BlobStore } from "../blobs/blob-store.ts";
import { describeIssues } from "../http/describe-issues.ts";
import { PieceWriter } from "./piece-writer.ts";
import { boundaryOf, readMultipart } from "./read-multipart.ts";

/** The form's fields besides the file, as OpenAI's API has them. */
const Fields = z.strictObject({
  purpose: z.literal("batch", "is not supported: files are taken for the purpose `batch`"),
  "expires_after[anchor]": z.literal("created_at").optional(),
  "expires_after[seconds]": z.coerce
    .number()
    .int()
    .min(LIMITS.file_retention_seconds_min)
    .max(LIMITS.file_retention_ms / 1_000)
    .optional(),
});

export interface ReceivedFile {
  filename: string;
  bytes: number;
  pieces: FilePiece[];
  retention_ms: number;
}

/**
 * Stores the file of a form while it streams in. Throws `unsupported_media_type`, `request_malformed`, `request_invalid` and
 * `body_too_large`; blobs that were stored by then are named by nothing.
 */
export async function receiveFile(
  store: BlobStore,
  contentType: string | undefined,
  body: AsyncIterable<Uint8Array>,
): Promise<ReceivedFile> {
  const boundary = boundaryOf(contentType);
  const writer = new PieceWriter(store);
  const fields = new Map<string, string>();
  const decoder = new TextDecoder();
  let filename: string | null = null;
  let current: string | null = null;
  for await (const event of readMultipart(body, boundary)) {
    if (event.kind === "part") {
      if (event.name === "file" ? filename !== null : fields.has(event.name))
        throw invalid(event.name, "stands in the form twice");
      current = event.name;
      if (current === "file") filename = event.filename ?? "file";
      else fields.set(current, "");
    } else if (current === "file") {
      await writer.write(event.bytes);
      assertSize(writer.bytes);
    } else if (current !== null) {
      const value = `${fields.get(current) ?? ""}${decoder.decode(event.bytes)}`;
      if (value.length > LIMITS.form_field_bytes_max) throw invalid(current, "is too long");
      fields.set(current, value);
    }
  }
  if (filename === null) throw invalid("file", "is missing");
  if (writer.bytes === 0) throw invalid("file", "is empty");
  const retention_ms = retentionOf(fields);
  return {
    filename: filename.slice(0, LIMITS.filename_chars_max),
    bytes: writer.bytes,
    pieces: await writer.close(),
    retention_ms,
  };
}

function retentionOf(fields: ReadonlyMap<string, string>): number {
  const parsed = Fields.safeParse(Object.fromEntries(fields));
  if (!parsed.success) {
    const errors = describeIssues(parsed.error.issues);
    const [first] = errors;
    throw new InfernetError("request_invalid", `In the form, ${first?.pointer}: ${first?.detail}`, {
      errors,
    });
  }
  const seconds = parsed.data["expires_after[seconds]"];
  return seconds === undefined ? LIMITS.file_retention_ms : seconds * 1_000;
}

function assertSize(bytes: number): void {
  if (bytes <= LIMITS.blob_bytes_max) return;
  throw new InfernetError("body_too_large", `A file has at most ${LIMITS.blob_bytes_max} bytes.`);
}

const invalid = (name: string, detail: string): InfernetError =>
  new InfernetError("request_invalid", `In the form, /${name}: ${detail}`, {
    errors: [{ pointer: `/${name}`, detail }],
  });
