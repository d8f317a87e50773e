import {
  countFiles,
  deleteExpiredFiles,
  deleteFile,
  type FileQuery,
  insertFile,
  listFiles,
  readFile,
} from "@infernet/db/account/files";
import type { AccountDb } from "@infernet/db/account/queries";
import { InfernetError } from "@infernet/schemas/errors";
import type { FilePurpose, StoredFile } from "@infernet/schemas/file";
import { type FileId, formatFileId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { cutOpenaiPage, type OpenaiPage } from "@infernet/schemas/openai-page";
import { uuidv7 } from "uuidv7";
import type { ReceivedFile } from "./receive-file.ts";

/** Adds a file. What is kept no longer is forgotten then. What a batch answered is kept however many files there are. */
export function addFile(
  db: AccountDb,
  { retention_ms, ...file }: ReceivedFile,
  purpose: FilePurpose,
  now_ms: number,
): StoredFile {
  deleteExpiredFiles(db, now_ms);
  if (purpose === "batch" && countFiles(db) >= LIMITS.files_per_account_max)
    throw new InfernetError(
      "too_many_files",
      `the account has ${LIMITS.files_per_account_max} files, as many as are kept`,
    );
  const id = formatFileId(uuidv7());
  const stored: StoredFile = { ...file, id, purpose, created_ms: now_ms, expires_ms: now_ms + retention_ms };
  insertFile(db, stored);
  return stored;
}

/** Throws `not_found`: another account's file does not exist for this one. */
export function findFile(db: AccountDb, id: FileId, now_ms: number): StoredFile {
  const file = readFile(db, id, now_ms);
  if (file === null) throw new InfernetError("not_found", `there is no file ${id}`);
  return file;
}

export const pageFiles = (db: AccountDb, query: FileQuery, now_ms: number): OpenaiPage<StoredFile> =>
  cutOpenaiPage(listFiles(db, query, now_ms), query.limit);

/** Forgets a file. A batch that reads it goes on: it knows the blobs, which stay. */
export function removeFile(db: AccountDb, id: FileId, now_ms: number): void {
  findFile(db, id, now_ms);
  deleteFile(db, id);
}
