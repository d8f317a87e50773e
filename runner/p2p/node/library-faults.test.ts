import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
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

test("in a bundle the thrower is the module whose code stands at the line", async () => {
  const folder = await mkdtemp(join(tmpdir(), "infernet-bundle-"));
  try {
    const file = join(folder, "chunk.js");
    const parts = ["import x;", "", "// node_modules/@libp2p/tcp/dist/src/listener.js", "throw 1;"];
    await writeFile(file, [...parts, "// runner/work/work-loop.ts", "throw 2;", ""].join("\n"));
    const fault = (line: number) =>
      Object.assign(new Error("broken"), {
        stack: `Error: broken\n    at x (${pathToFileURL(file)}:${line}:1)`,
      });
    expect([2, 4, 6].map((line) => isLibraryFault(fault(line)))).toEqual([false, true, false]);
  } finally {
    await rm(folder, { recursive: true });
  }
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
