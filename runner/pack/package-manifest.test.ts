import { expect, it } from "vitest";
import own from "../package.json" with { type: "json" };
import { packageManifest } from "./package-manifest.ts";

it("depends on nothing that an installation could fail on", () => {
  const manifest = packageManifest(own, new Set(["onnxruntime-node", "koffi"]));
  expect(manifest).not.toHaveProperty("dependencies");
  expect(manifest).not.toHaveProperty("scripts");
  expect(manifest.optionalDependencies).toEqual({ koffi: own.dependencies.koffi });
});

it("names no package that the bundle does not import", () => {
  expect(packageManifest(own, new Set())).not.toHaveProperty("optionalDependencies");
});
