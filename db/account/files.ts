import { FilePiece, type FilePurpose, type StoredFile } from "@infernet/schemas/file";
import { FileId } from "@infernet/schemas/ids";
import { and, asc, count, desc, eq, gt, lt, lte } from "drizzle-orm";
import { z } from "zod";
import type { AccountDb } from "./queries.ts";
import { files } from "./schema.ts";

const Pieces = z.array(FilePiece);

export function insertFile(db: AccountDb, file: StoredFile): void {
  db.insert(files)
    .values({ ...file, pieces: JSON.stringify(file.pieces) })
    .run();
}

/** Null for one that was deleted, or is kept no longer. */
export function readFile(db: AccountDb, id: FileId, now_ms: number): StoredFile | null {
  const row = db
    .select()
    .from(files)
    .where(and(eq(files.id, id), gt(files.expires_ms, now_ms)))
    .get();
  return row === undefined ? null : parse(row);
}

export interface FileQuery {
  limit: number;
  /** The last id of the page before. */
  after?: string | undefined;
  order: "asc" | "desc";
  purpose?: FilePurpose | undefined;
}

/** Up to `limit` and one, in the order of their making. */
export function listFiles(
  db: AccountDb,
  { limit, after, order, purpose }: FileQuery,
  now_ms: number,
): StoredFile[] {
  const beyond =
    after === undefined ? undefined : order === "asc" ? gt(files.id, after) : lt(files.id, after);
  return db
    .select()
    .from(files)
    .where(and(gt(files.expires_ms, now_ms), beyond, purpose && eq(files.purpose, purpose)))
    .orderBy(order === "asc" ? asc(files.id) : desc(files.id))
    .limit(limit + 1)
    .all()
    .map(parse);
}

export const countFiles = (db: AccountDb): number => db.select({ n: count() }).from(files).get()?.n ?? 0;

export function deleteFile(db: AccountDb, id: FileId): void {
  db.delete(files).where(eq(files.id, id)).run();
}

export function deleteExpiredFiles(db: AccountDb, now_ms: number): void {
  db.delete(files).where(lte(files.expires_ms, now_ms)).run();
}

const parse = (row: typeof files.$inferSelect): StoredFile => ({
  ...row,
  id: FileId.parse(row.id),
  pieces: Pieces.parse(JSON.parse(row.pieces)),
});
