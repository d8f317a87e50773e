import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { unstable_splitSqlQuery as splitStatements } from "wrangler";
import { z } from "zod";
import type { WorkerHost } from "./worker-host.ts";

/** The table and columns in which `wrangler d1 migrations apply` keeps its record. */
const RECORD = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

const Applied = z.array(z.object({ name: z.string() }));

/**
 * Brings the D1 index to the newest schema. Each migration and its record are one transaction, so a crash between two of
 * them is made good by the next start.
 *
 * @param folder the `migrations_dir` of wrangler.toml
 */
export async function applyIndexMigrations(index: WorkerHost["index"], folder: string): Promise<void> {
  await index.prepare(RECORD).run();
  const { results } = await index.prepare("SELECT name FROM d1_migrations").all();
  const applied = new Set(Applied.parse(results).map((row) => row.name));
  const pending = readdirSync(folder)
    .filter((name) => name.endsWith(".sql") && !applied.has(name))
    .sort();
  for (const name of pending) {
    const statements = splitStatements(readFileSync(join(folder, name), "utf8"));
    await index.batch([
      ...statements.map((sql) => index.prepare(sql)),
      index.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
    ]);
  }
}
