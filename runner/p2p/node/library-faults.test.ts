import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { isLibraryFault } from "./library-faults.ts";

const at = (...places: string[]): Error =>
  Object.assign(new Error("broken"), {
    stack: ["Error: broken", ...places.map((place) => `    at x (${place}:1:2)`)].join("\n"),
  });
const LIBRARY = "file:///home/ada/node_modules/@libp2p/tcp/dist/src/listener.js";
const OURS = "file:///home/ada/runner/work/work-loop.ts";

test("an error is the library's when the library threw it, whoever called", () => {
  expect(isLibraryFault(at(LIBRARY, OURS))).toBe(true);
  expect(isLibraryFault(at("node:events", LIBRARY))).toBe(true);
  expect(isLibraryFault(at("/home/ada/node_modules/it-pushable/dist/index.js"))).toBe(true);
});

test("it is not when something of this program threw it, or nobody knows who did", () => {
  expect(isLibraryFault(at(OURS, LIBRARY))).toBe(false);
  expect(isLibraryFault(at("/home/ada/node_modules/ws/lib/receiver.js", LIBRARY))).toBe(false);
  expect(isLibraryFault(at("node:net"))).toBe(false);
  expect(isLibraryFault("broken")).toBe(false);
});

test("in a bundle the library is the file that this module is in", () => {
  const own = "/home/ada/infernet-runner/dist/join-peers-ABCD.js";
  expect(isLibraryFault(at(`file://${own}`), own)).toBe(true);
  expect(isLibraryFault(at("file:///home/ada/infernet-runner/dist/bin.js"), own)).toBe(false);
});

/** A process that survives the library's faults and then has one of each kind. */
async function run(program: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const module = JSON.stringify(new URL("./library-faults.ts", import.meta.url).href);
  const source = `
    import { surviveLibraryFaults } from ${module};
    const giveUp = surviveLibraryFaults((error) => console.log("survived: " + error.message));
    const fault = (message, place) =>
      Object.assign(new Error(message), { stack: "Error: " + message + "\\n    at x (" + place + ":1:2)" });
    ${program}`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", source]);
  const [[code], stdout, stderr] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

test("a process outlives the library's errors, thrown or rejected", async () => {
  const { code, stdout } = await run(`
    setTimeout(() => { throw fault("thrown", "${LIBRARY}"); }, 0);
    void Promise.reject(fault("rejected", "${LIBRARY}"));
    setTimeout(() => console.log("alive"), 50);`);
  expect([code, stdout.trim().split("\n").sort()]).toEqual([
    0,
    ["alive", "survived: rejected", "survived: thrown"],
  ]);
});

test("any other error ends it as ever, with its own words", async () => {
  for (const program of [
    `setTimeout(() => { throw fault("ours", "${OURS}"); }, 0);`,
    `void Promise.reject(fault("ours", "${OURS}"));`,
    `giveUp(); setTimeout(() => { throw fault("ours", "${LIBRARY}"); }, 0);`,
  ]) {
    const { code, stdout, stderr } = await run(`${program} setTimeout(() => console.log("alive"), 500);`);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("Error: ours");
  }
});
