import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CounterObject } from "../testing/counter-object.ts";
import { ObjectNamespace } from "./object-namespace.ts";

let folder: string;
let failures: string[];
let open: ObjectNamespace[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infernet-objects-"));
  failures = [];
  open = [];
  CounterObject.said = [];
  CounterObject.failures = 0;
});
afterEach(() => {
  for (const namespace of open) namespace.stop();
  rmSync(folder, { recursive: true, force: true });
  vi.useRealTimers();
});

const start = (): ObjectNamespace => {
  const namespace = new ObjectNamespace({
    name: "Counter",
    objectClass: CounterObject,
    env: {},
    folder,
    logFailure: (error) => failures.push(String(error)),
  });
  open.push(namespace);
  return namespace;
};
const filesOf = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".sqlite"));
const call = (namespace: ObjectNamespace, name: string, method: string, ...args: unknown[]) =>
  namespace.getByName(name)[method]?.(...args);
const until = (what: () => boolean) => vi.waitFor(() => expect(what()).toBe(true), { timeout: 10_000 });

test("an object starts before it is called, keeps what it writes, and is another for each name", async () => {
  const counters = start();
  expect(await call(counters, "a", "ready")).toBe(true);
  expect(await call(counters, "a", "add", 2)).toBe(2);
  expect(await call(counters, "a", "add", 3)).toBe(5);
  expect(await call(counters, "b", "count")).toBe(0);
  counters.stop();
  expect(await call(start(), "a", "count")).toBe(5);
});

test("asking for an object that keeps nothing leaves no file", async () => {
  await Promise.all(Array.from({ length: 20 }, (_, n) => call(start(), `made up ${n}`, "count")));
  expect(filesOf()).toEqual([]);
});

test("a call that fails says why, and what it wrote before stays", async () => {
  const counters = start();
  await expect(call(counters, "a", "addAndFail", 4)).rejects.toThrow("after writing");
  await expect(call(counters, "a", "nothing")).rejects.toThrow("no method nothing");
  expect(await call(counters, "a", "count")).toBe(4);
});

test("an answer whose writes are not on disk is never given, and the object starts again from what is", async () => {
  const counters = start();
  await call(counters, "a", "add", 1);
  await expect(call(counters, "a", "breakCommit")).rejects.toThrow("FOREIGN KEY");
  expect(await call(counters, "a", "count")).toBe(1);
  expect(await call(counters, "a", "add", 1)).toBe(2);
});

test("a stream that an object answers with is pulled, and its writes come before its chunks", async () => {
  const counters = start();
  const stream = await call(counters, "a", "lines", 3);
  expect(await new Response(stream as ReadableStream).text()).toBe("1\n2\n3\n");
  counters.stop();
  expect(await call(start(), "a", "count")).toBe(3);
});

test("an alarm goes off with no other traffic, and after a restart", async () => {
  const counters = start();
  await call(counters, "soon", "wakeAt", Date.now() + 30);
  await until(() => CounterObject.said.includes("alarm of soon"));
  expect(await call(counters, "soon", "wakesAt")).toBeNull();
  await call(counters, "late", "wakeAt", Date.now() + 600_000);
  const due_ms = Date.now() - 5;
  await call(counters, "due", "wakeAt", due_ms + 60_000);
  counters.stop();

  vi.useFakeTimers({ toFake: ["Date"], now: due_ms + 60_005 });
  await start().wake();
  await until(() => CounterObject.said.includes("alarm of due"));
  expect(CounterObject.said).not.toContain("alarm of late");
});

test("an alarm that another process set goes off though the object was called before it was looked for", async () => {
  const before = start();
  await call(before, "a", "wakeAt", Date.now() + 50);
  before.stop();
  const counters = start();
  expect(await call(counters, "a", "count")).toBe(0);
  await counters.wake();
  await until(() => CounterObject.said.includes("alarm of a"));
});

test("an alarm that fails is kept and goes off again", async () => {
  const counters = start();
  CounterObject.failures = 1;
  await call(counters, "a", "wakeAt", Date.now());
  await until(() => failures.length === 1);
  expect(await call(counters, "a", "wakesAt")).not.toBeNull();
  counters.stop();
  const again = start();
  await again.wake();
  await until(() => CounterObject.said.length === 2);
  await until(() => again.size === 1);
  expect(await call(again, "a", "count")).toBe(1);
});

test("an object that dropped everything is as one that never was, its alarm included", async () => {
  const counters = start();
  await call(counters, "a", "add", 1);
  await call(counters, "a", "wakeAt", Date.now() + 60_000);
  await call(counters, "a", "drop");
  expect(filesOf()).toEqual([]);
  expect(await call(counters, "a", "wakesAt")).toBeNull();
  expect(await call(counters, "a", "add", 1)).toBe(1);
});
