import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import own from "../../package.json" with { type: "json" };
import { locateOnnxRuntime, provideOnnxRuntime } from "./onnx-runtime.ts";
import lock from "./onnx-runtime-lock.json" with { type: "json" };

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-runtime-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

it("is found beside the runner, with every folder that its process must read, and not installed again", async () => {
  const found = locateOnnxRuntime(home);
  expect(found?.folders).toContain(found?.dir);
  expect(found?.folders.some((folder) => folder.endsWith("onnxruntime-common"))).toBe(true);
  expect(await provideOnnxRuntime(home)).toEqual(found);
});

it("is pinned, with all it stands on, by digest, and is the version that is tested here", () => {
  expect(lock.packages["node_modules/onnxruntime-node"].version).toBe(
    own.devDependencies["onnxruntime-node"],
  );
  const { "": _, ...packages } = lock.packages;
  for (const entry of Object.values(packages)) expect(entry.integrity).toMatch(/^sha512-/);
});
