import { existsSync, rmSync } from "node:fs";
import { DurableDatabase, isRead, type Rows } from "./durable-database.ts";
import { SqlCursor, toInput } from "./sql-cursor.ts";

/** What the host keeps in an object's file beside the object's own tables: its name, and when it wants to be woken. */
const OWN_TABLE = "CREATE TABLE _object (name TEXT NOT NULL, alarm_ms INTEGER) STRICT";

const NOTHING: Rows = { columns: [], rows: [], changes: null };

interface Watcher {
  /** The object wants to be woken at another time: null, never. */
  alarmSet: (unix_ms: number | null) => void;
}

/**
 * `DurableObjectStorage` of the Workers platform, as far as the Worker uses it, in one SQLite file. The file is made by the
 * first write: asking for an object that is not there leaves nothing.
 */
export class ObjectStorage {
  readonly #file: string;
  readonly #name: string;
  readonly #watcher: Watcher;
  #database: DurableDatabase | null = null;
  #isRinging = false;
  #dropped: string | null = null;

  constructor(file: string, name: string, watcher: Watcher) {
    this.#file = file;
    this.#name = name;
    this.#watcher = watcher;
  }

  readonly sql = {
    exec: (sql: string, ...params: unknown[]): SqlCursor => {
      const database = this.#open(isRead(sql) ? "read" : "write");
      return new SqlCursor(database?.execute(sql, params.map(toInput)) ?? NOTHING);
    },
  };

  transactionSync<T>(work: () => T): T {
    return this.#open("write").transact(work);
  }

  async getAlarm(): Promise<number | null> {
    return this.#isRinging ? null : this.readAlarm();
  }

  async setAlarm(time: number | Date): Promise<void> {
    const unix_ms = Number(time);
    this.#isRinging = false;
    this.#open("write").execute("UPDATE _object SET alarm_ms = ?", [unix_ms]);
    this.#watcher.alarmSet(unix_ms);
  }

  async deleteAlarm(): Promise<void> {
    this.#isRinging = false;
    this.#open("read")?.execute("UPDATE _object SET alarm_ms = NULL");
    this.#watcher.alarmSet(null);
  }

  /** Drops everything, the alarm too: SQLite takes its journal away as it closes, and the file goes in one step. */
  async deleteAll(): Promise<void> {
    this.#isRinging = false;
    this.#database?.close();
    this.#database = null;
    rmSync(this.#file, { force: true });
    this.#watcher.alarmSet(null);
  }

  /** The alarm that is kept, also while it rings. */
  readAlarm(): number | null {
    const time = this.#open("read")?.execute("SELECT alarm_ms FROM _object").rows[0]?.[0];
    return typeof time === "number" ? time : null;
  }

  /** The alarm goes off: the object sees none from now on, but the file keeps it until `stopRinging`. */
  startRinging(): void {
    this.#isRinging = true;
  }

  /** An answered alarm is forgotten unless another was set meanwhile; one whose answer failed is kept. */
  stopRinging(how: "answered" | "failed"): void {
    if (!this.#isRinging) return;
    this.#isRinging = false;
    if (how === "answered") this.#open("read")?.execute("UPDATE _object SET alarm_ms = NULL");
  }

  committed(): Promise<void> | null {
    return this.#database?.committed() ?? null;
  }

  /** Nothing can be read or written from now on. */
  close(why: string): void {
    this.#dropped = why;
    this.#database?.close();
    this.#database = null;
  }

  #open(purpose: "write"): DurableDatabase;
  #open(purpose: "read" | "write"): DurableDatabase | null;
  #open(purpose: "read" | "write"): DurableDatabase | null {
    if (this.#dropped !== null) throw new Error(this.#dropped);
    if (this.#database !== null) return this.#database;
    const isThere = existsSync(this.#file);
    if (!isThere && purpose === "read") return null;
    const database = new DurableDatabase(this.#file);
    // A crash between the making of the file and the first commit leaves one without tables.
    if (database.execute("SELECT 1 FROM sqlite_master WHERE name = '_object'").rows.length === 0)
      database.transact(() => {
        database.execute(OWN_TABLE);
        database.execute("INSERT INTO _object (name) VALUES (?)", [this.#name]);
      });
    this.#database = database;
    return database;
  }
}
