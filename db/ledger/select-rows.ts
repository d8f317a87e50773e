import { getTableColumns, type SQL, sql } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { toSafe } from "./safe-integer-column.ts";

/**
 * Rows of a table as a SELECT that an INSERT takes whole: one statement and one bound text, however many rows, where an
 * object's SQLite binds 100 values a statement. SQLite reads JSON's whole numbers as integers, exactly. The text must
 * stay under 2 MB, which bounds a batch. Throws RangeError on an amount that is not exact.
 */
export function selectRows<Table extends SQLiteTable>(
  table: Table,
  rows: readonly Table["$inferInsert"][],
): SQL {
  const json = JSON.stringify(rows, (_, value) =>
    typeof value === "bigint" ? toSafe(Number(value)) : value,
  );
  const columns = Object.keys(getTableColumns(table)).map((name) => sql`value ->> ${sql.raw(`'${name}'`)}`);
  // `WHERE true` keeps SQLite from reading an ON CONFLICT as part of a join.
  return sql`SELECT ${sql.join(columns, sql`, `)} FROM json_each(${json}) WHERE true`;
}
