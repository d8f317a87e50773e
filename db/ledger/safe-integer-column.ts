import { customType } from "drizzle-orm/sqlite-core";

/**
 * An INTEGER column that code sees as a bigint. A Durable Object's SQLite takes no bigint, and silently rounds an integer
 * above 2^53 - 1 when it is read: what is not a safe integer is refused both ways. A bound number arrives as REAL; a
 * STRICT table's INTEGER column stores a whole one as an integer.
 */
export const safeInteger = customType<{ data: bigint; driverData: number }>({
  dataType: () => "integer",
  toDriver: (value) => toSafe(Number(value)),
  fromDriver: (value) => BigInt(toSafe(value)),
});

/** The number itself; throws RangeError on one that is not exact. */
export function toSafe(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${value} is outside the integers that are stored exactly`);
}
