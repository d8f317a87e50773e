import { writeSync } from "node:fs";
import { DurableDatabase } from "../storage/durable-database.ts";

/** Writes pairs of rows to the database named by its argument, each pair in one run, and says each once it is on disk. */
const database = new DurableDatabase(process.argv[2] ?? "");
database.execute("CREATE TABLE things (name TEXT)");
for (let n = 0; ; n += 1) {
  database.execute("INSERT INTO things VALUES (?)", [`left ${n}`]);
  await Promise.resolve();
  database.execute("INSERT INTO things VALUES (?)", [`right ${n}`]);
  await database.committed();
  writeSync(1, `${n}\n`);
}
