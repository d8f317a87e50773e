import { basename } from "node:path";
import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { locateKoffi } from "./koffi.ts";
import lock from "./koffi-lock.json" with { type: "json" };

it("installs the version that the workspace is tested with, pinned by its digest on every platform", () => {
  const { "": own, ...packages } = lock.packages;
  expect(own.dependencies.koffi).toBe(manifest.dependencies.koffi);
  const platforms = Object.values(packages).filter((one) => "os" in one);
  expect(platforms.length).toBeGreaterThan(10);
  for (const one of Object.values(packages)) {
    expect(one).toMatchObject({ version: manifest.dependencies.koffi });
    expect(one.integrity).toMatch(/^sha512-/);
  }
});

it("is found beside the runner of a clone, whatever the home", () => {
  expect(basename(locateKoffi(null) ?? "")).toBe("koffi");
});
