import type { SQLInputValue } from "node:sqlite";
import type { Rows } from "./durable-database.ts";

/** What a Durable Object's SQL takes and gives: bytes are ArrayBuffers there. */
export type SqlValue = string | number | null | ArrayBuffer;

/** A statement's rows, as `SqlStorageCursor` of the Workers platform gives them. They were read when it was made. */
export class SqlCursor implements IterableIterator<Record<string, SqlValue>> {
  readonly columnNames: string[];
  readonly #rows: IterableIterator<SqlValue[]>;

  constructor({ columns, rows }: Rows) {
    this.columnNames = columns;
    this.#rows = rows.map((row) => row.map(toSqlValue)).values();
  }

  next(): IteratorResult<Record<string, SqlValue>> {
    const { done, value } = this.#rows.next();
    return done ? { done, value: undefined } : { done: false, value: this.#name(value) };
  }

  toArray(): Record<string, SqlValue>[] {
    return Array.from(this.#rows, (row) => this.#name(row));
  }

  one(): Record<string, SqlValue> {
    const [only, ...others] = this.toArray();
    if (only === undefined || others.length > 0)
      throw new Error(`one() takes exactly one row, not ${only === undefined ? "none" : "several"}`);
    return only;
  }

  /** The rows as arrays, in which columns of one name keep apart. */
  raw(): IterableIterator<SqlValue[]> & { toArray(): SqlValue[][] } {
    return Object.assign(this.#rows, { toArray: () => Array.from(this.#rows) });
  }

  [Symbol.iterator](): this {
    return this;
  }

  #name(row: SqlValue[]): Record<string, SqlValue> {
    return Object.fromEntries(this.columnNames.map((name, column) => [name, row[column] ?? null]));
  }
}

function toSqlValue(value: unknown): SqlValue {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (value instanceof Uint8Array) return new Uint8Array(value).buffer;
  throw new Error(`a column holds a ${typeof value}`);
}

/** @throws TypeError on a value that SQLite has no type for */
export function toInput(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`a ${typeof value} cannot be bound to a statement`);
}
