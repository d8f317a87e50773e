import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Connection } from "@solana/web3.js";
import { afterAll, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

function start(...argv: string[]) {
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const lines = createInterface(child.stdout);
  const nextEvent = async (): Promise<Record<string, unknown>> => JSON.parse((await once(lines, "line"))[0]);
  return { child, nextEvent };
}

test.each(["SIGTERM", "SIGINT"] as const)("it says where it listens, and stops on %s", async (signal) => {
  const { child, nextEvent } = start("--port", "0", "--json");
  const listening = await nextEvent();
  expect(listening).toMatchObject({
    event: "listening",
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  });
  expect(await new Connection(String(listening.url)).getSlot()).toBeGreaterThan(0);
  const exited = once(child, "exit");
  child.kill(signal);
  expect(await nextEvent()).toEqual({ event: "stopped", reason: signal });
  expect((await exited)[0]).toBe(0);
});

test("an option that it does not know ends it with code 2", async () => {
  const { child } = start("--fork");
  expect((await once(child, "exit"))[0]).toBe(2);
});
