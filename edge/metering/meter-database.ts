import type { BillMeter } from "./bill-meter.ts";

/** Counts the rows that D1 says each statement read and wrote. */
export function meterDatabase(database: D1Database, meter: BillMeter): D1Database {
  return new Proxy(database, {
    get: (target, property) => {
      if (property === "prepare") return (query: string) => meterStatement(target.prepare(query), meter);
      const member: unknown = Reflect.get(target, property);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

function meterStatement(statement: D1PreparedStatement, meter: BillMeter): D1PreparedStatement {
  return new Proxy(statement, {
    get: (target, property) => {
      switch (property) {
        case "bind":
          return (...values: unknown[]) => meterStatement(target.bind(...values), meter);
        case "run":
        case "all":
          return async () => {
            const result = await target[property]();
            meter.add("d1_rows_read", "index", result.meta.rows_read);
            meter.add("d1_rows_written", "index", result.meta.rows_written);
            return result;
          };
        // Only these tell what they cost: a list is not part of a job's life.
        default: {
          const member: unknown = Reflect.get(target, property);
          return typeof member === "function" ? member.bind(target) : member;
        }
      }
    },
  });
}
