import { Calibration } from "@infernet/schemas/calibration";
import { Sha256 } from "@infernet/schemas/digest";
import { AccountId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import { type Model, ModelManifest, ModelName } from "@infernet/schemas/model";
import type { Page, PageQuery } from "@infernet/schemas/page";
import { ModelWork } from "@infernet/schemas/work";
import { asc, desc, eq, sql } from "drizzle-orm";
import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";
import { z } from "zod";
import { decodeCursor } from "../cursor.ts";
import { cutPage } from "../cut-page.ts";
import { model_names, models } from "./schema.ts";

const NOT_COUNTED: ModelWork = {
  kind: "declared",
  reason: "the model was registered before work was counted: register it again",
};

type Database = BaseSQLiteDatabase<"sync", unknown, Record<string, unknown>>;

/** Where a page ended: creation time and digest of its last model. */
const Place = z.tuple([z.int(), z.string()]);

export interface NameOwnership {
  digest: Sha256;
  account_id: AccountId;
}

export function readName(db: Database, name: ModelName): NameOwnership | null {
  const row = db.select().from(model_names).where(eq(model_names.name, name)).get();
  return row ? { digest: Sha256.parse(row.digest), account_id: AccountId.parse(row.account_id) } : null;
}

export function writeName(db: Database, name: ModelName, { digest, account_id }: NameOwnership): void {
  db.insert(model_names)
    .values({ name, digest, account_id })
    .onConflictDoUpdate({ target: model_names.name, set: { digest } })
    .run();
}

/** At most `limit` names, alphabetically: for finding the one that was meant. */
export const listNames = (db: Database, limit: number): string[] =>
  db
    .select({ name: model_names.name })
    .from(model_names)
    .orderBy(asc(model_names.name))
    .limit(limit)
    .all()
    .map((row) => row.name);

export function insertModel(db: Database, digest: Sha256, manifest: ModelManifest, created_ms: number): void {
  db.insert(models)
    .values({ digest, manifest: JSON.stringify(manifest), created_ms })
    .onConflictDoNothing()
    .run();
}

/** Keeps what a row of the model takes in the place of what was found before. */
export function writeWork(db: Database, digest: Sha256, work: ModelWork): void {
  db.update(models)
    .set({ work: JSON.stringify(work) })
    .where(eq(models.digest, digest))
    .run();
}

/** Keeps a model's calibration in the place of the one before. */
export function writeCalibration(db: Database, calibration: Calibration): void {
  db.update(models)
    .set({ calibration: JSON.stringify(calibration) })
    .where(eq(models.digest, calibration.model))
    .run();
}

export function readModel(db: Database, digest: Sha256): Model | null {
  const row = db.select().from(models).where(eq(models.digest, digest)).get();
  return row ? parseModel(db, row) : null;
}

/** Models, newest first. Throws `request_invalid` on a cursor of another list. */
export function listModels(db: Database, { limit, cursor }: PageQuery): Page<Model> {
  const place = decodeCursor(Place, cursor);
  const rows = db
    .select()
    .from(models)
    .where(place ? sql`(${models.created_ms}, ${models.digest}) < (${place[0]}, ${place[1]})` : undefined)
    .orderBy(desc(models.created_ms), desc(models.digest))
    .limit(limit + 1)
    .all();
  return cutPage(rows, {
    limit,
    placeOf: ({ created_ms, digest }) => [created_ms, digest],
    parse: (row) => parseModel(db, row),
  });
}

function parseModel(db: Database, row: typeof models.$inferSelect): Model {
  const names = db
    .select({ name: model_names.name })
    .from(model_names)
    .where(eq(model_names.digest, row.digest))
    .orderBy(asc(model_names.name))
    .all();
  return {
    digest: Sha256.parse(row.digest),
    names: names.map(({ name }) => ModelName.parse(name)),
    manifest: ModelManifest.parse(JSON.parse(row.manifest)),
    work: row.work === null ? NOT_COUNTED : ModelWork.parse(JSON.parse(row.work)),
    calibration: row.calibration === null ? null : Calibration.parse(JSON.parse(row.calibration)),
    created_at: renderInstant(row.created_ms),
  };
}
