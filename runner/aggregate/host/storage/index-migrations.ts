import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DurableDatabase } from "./durable-database.ts";

/** The table and columns in which `wrangler d1 migrations apply` keeps its record. */
const RECORD = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/** Brings the index to the newest schema: all that is missing, and the record of it, or nothing. */
export function applyIndexMigrations(database: DurableDatabase, folder: string): void {
  database.transact(() => {
    database.execute(RECORD);
    const applied = new Set(database.execute("SELECT name FROM d1_migrations").rows.map(([name]) => name));
    const pending = readdirSync(folder).filter((name) => name.endsWith(".sql") && !applied.has(name));
    for (const name of pending.sort()) {
      database.execute(readFileSync(join(folder, name), "utf8"));
      database.execute("INSERT INTO d1_migrations (name) VALUES (?)", [name]);
    }
  });
  database.flush();
}
