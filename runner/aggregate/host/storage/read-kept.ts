import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";

const Kept = z.object({ name: z.string(), alarm_ms: z.number().nullable() });

/** Whose an object's file is, and when it wants to be woken; null when it is not there, or a crash left it without its tables. */
export function readKept(file: string): z.infer<typeof Kept> | null {
  if (!existsSync(file)) return null;
  const database = new DatabaseSync(file);
  try {
    return Kept.parse(database.prepare("SELECT name, alarm_ms FROM _object").get());
  } catch {
    return null;
  } finally {
    database.close();
  }
}
