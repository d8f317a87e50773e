import type { ObjectState } from "../objects/object-state.ts";

/** An object as the Worker has them, for tests: it counts, in its own SQLite. */
export class CounterObject {
  /** What every object of this class did, in order. */
  static said: string[] = [];
  static failures = 0;
  readonly #state: ObjectState;
  #isReady = false;

  constructor(state: ObjectState) {
    this.#state = state;
    void state.blockConcurrencyWhile(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      this.#isReady = true;
    });
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  ready(): boolean {
    return this.#isReady;
  }

  count(): number {
    return this.#read();
  }

  add(amount: number): number {
    const { sql } = this.#state.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS counts (n INTEGER)");
    sql.exec("INSERT INTO counts VALUES (?)", amount);
    return this.#read();
  }

  addAndFail(amount: number): number {
    this.add(amount);
    throw new Error("after writing");
  }

  /** Breaks the commit of what it writes. */
  breakCommit(): void {
    const { sql } = this.#state.storage;
    sql.exec("CREATE TABLE parents (id INTEGER PRIMARY KEY)");
    sql.exec("CREATE TABLE kids (id INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)");
    sql.exec("INSERT INTO kids VALUES (1)");
  }

  lines(n: number): ReadableStream<Uint8Array> {
    let left = n;
    return new ReadableStream({
      pull: (controller) => {
        this.add(1);
        controller.enqueue(new TextEncoder().encode(`${this.#read()}\n`));
        left -= 1;
        if (left === 0) controller.close();
      },
    });
  }

  async wakeAt(unix_ms: number): Promise<void> {
    await this.#state.storage.setAlarm(unix_ms);
  }

  async wakesAt(): Promise<number | null> {
    return this.#state.storage.getAlarm();
  }

  async drop(): Promise<void> {
    await this.#state.storage.deleteAll();
  }

  async alarm(): Promise<void> {
    CounterObject.said.push(`alarm of ${this.#state.id.name}`);
    if (CounterObject.failures > 0) {
      CounterObject.failures -= 1;
      throw new Error("not now");
    }
    this.add(1);
  }

  #read(): number {
    const { sql } = this.#state.storage;
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'counts'").toArray().length === 0) return 0;
    return Number(sql.exec("SELECT total(n) AS n FROM counts").one().n);
  }
}
