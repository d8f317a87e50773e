import type { BillMeter } from "./bill-meter.ts";

/**
 * Counts what an object's storage bills: the rows that each statement reads and writes, as its cursor tells them, and a
 * row written for each alarm set. Dropping everything is counted as one row: the price list does not name it. The
 * object's own calls are untouched.
 */
export function meterStorage(storage: DurableObjectStorage, by: string, meter: BillMeter): void {
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  const setAlarm = storage.setAlarm.bind(storage);
  const deleteAll = storage.deleteAll.bind(storage);
  Object.defineProperty(sql, "exec", {
    value: (...args: Parameters<typeof exec>) => {
      const cursor = exec(...args);
      // Whoever asked reads the cursor to its end before anything else runs; only then are its counts final.
      queueMicrotask(() => {
        meter.add("rows_read", by, cursor.rowsRead);
        meter.add("rows_written", by, cursor.rowsWritten);
      });
      return cursor;
    },
  });
  Object.defineProperty(storage, "setAlarm", {
    value: (...args: Parameters<typeof setAlarm>) => {
      meter.add("alarms_set", by);
      meter.add("rows_written", by);
      return setAlarm(...args);
    },
  });
  Object.defineProperty(storage, "deleteAll", {
    value: (...args: Parameters<typeof deleteAll>) => {
      meter.add("rows_written", by);
      return deleteAll(...args);
    },
  });
}
