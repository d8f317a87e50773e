import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DurableDatabase } from "./durable-database.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infernet-durable-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (name = "a"): string => join(folder, `${name}.sqlite`);
const namesIn = (file: string): unknown[] => {
  const database = new DurableDatabase(file);
  const { rows } = database.execute("SELECT name FROM things ORDER BY rowid");
  database.close();
  return rows.flat();
};
const open = (): DurableDatabase => {
  const database = new DurableDatabase(fileOf());
  database.execute("CREATE TABLE things (name TEXT UNIQUE)");
  return database;
};
const add = (database: DurableDatabase, name: string): void =>
  void database.execute("INSERT INTO things VALUES (?)", [name]);

test("what one run writes is seen by it at once, and is committed together when it has come to rest", async () => {
  const database = open();
  await database.committed();
  add(database, "one");
  await Promise.resolve();
  add(database, "two");
  expect(database.execute("SELECT count(*) FROM things").rows).toEqual([[2]]);
  expect(namesIn(fileOf())).toEqual([]);
  await database.committed();
  expect(namesIn(fileOf())).toEqual(["one", "two"]);
  expect(database.committed()).toBeNull();
  database.close();
});

test("work that throws leaves nothing, and what was written around it stays", async () => {
  const database = open();
  add(database, "before");
  const fail = () =>
    database.transact(() => {
      add(database, "outer");
      database.transact(() => add(database, "inner"));
      throw new Error("no");
    });
  expect(fail).toThrow("no");
  database.transact(() => {
    add(database, "kept");
    expect(() => database.transact(() => add(database, "kept"))).toThrow("UNIQUE");
  });
  await database.committed();
  database.close();
  expect(namesIn(fileOf())).toEqual(["before", "kept"]);
});

test("a read opens nothing to wait for", () => {
  const database = open();
  database.flush();
  database.execute(" \n SELECT name FROM things");
  expect(database.committed()).toBeNull();
  database.close();
});

test("a database that could not commit says so to everybody from then on", async () => {
  const database = open();
  await database.committed();
  database.execute("PRAGMA defer_foreign_keys = ON");
  database.execute("CREATE TABLE kids (name TEXT REFERENCES things (name) DEFERRABLE INITIALLY DEFERRED)");
  database.execute("INSERT INTO kids VALUES ('nobody')");
  await expect(database.committed()).rejects.toThrow("FOREIGN KEY");
  expect(() => add(database, "more")).toThrow("FOREIGN KEY");
  database.close();
});

test("a SIGKILL at any time loses nothing that was acknowledged, and keeps no half of a run", async () => {
  const writer = fileURLToPath(new URL("../testing/pair-writer.ts", import.meta.url));
  for (const pairs of [1, 20, 75]) {
    const file = fileOf(`killed-${pairs}`);
    const child = spawn(process.execPath, [writer, file], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    const exited = once(child, "exit");
    for await (const chunk of child.stdout) {
      said += chunk;
      if (said.split("\n").length > pairs) child.kill("SIGKILL");
    }
    await exited;
    const acknowledged = said.split("\n").slice(0, -1);
    const kept = namesIn(file);
    expect(kept.length % 2).toBe(0);
    for (const [i, name] of kept.entries()) expect(name).toBe(`${i % 2 === 0 ? "left" : "right"} ${i >> 1}`);
    expect(kept.length / 2).toBeGreaterThanOrEqual(acknowledged.length);
  }
});
