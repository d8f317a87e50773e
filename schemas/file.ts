import { z } from "zod";
import { Sha256 } from "./digest.ts";
import { FileId } from "./ids.ts";

/** A blob that consecutive bytes of a file lie in. */
export const FilePiece = z.strictObject({ sha256: Sha256, bytes: z.int().min(1) });
export type FilePiece = z.infer<typeof FilePiece>;

/** What a file is for: `batch` is read by batches, `batch_output` was written by one. */
export const FilePurpose = z.enum(["batch", "batch_output"]);
export type FilePurpose = z.infer<typeof FilePurpose>;

/** A file as an account keeps it. */
export interface StoredFile {
  id: FileId;
  purpose: FilePurpose;
  filename: string;
  bytes: number;
  /** In order. */
  pieces: FilePiece[];
  created_ms: number;
  /** From then on there is no such file. */
  expires_ms: number;
}

/** A file as OpenAI's API shows it; times in Unix seconds. */
export const FileObject = z
  .strictObject({
    id: FileId,
    object: z.literal("file"),
    bytes: z.int(),
    created_at: z.int(),
    expires_at: z.int(),
    filename: z.string(),
    purpose: FilePurpose,
    status: z.literal("processed"),
  })
  .meta({ id: "File" });
export type FileObject = z.infer<typeof FileObject>;

export const FileDeleted = z
  .strictObject({ id: FileId, object: z.literal("file"), deleted: z.literal(true) })
  .meta({ id: "FileDeleted" });
