import { expect, it } from "vitest";
import own from "../package.json" with { type: "json" };
import { packageManifest } from "./package-manifest.ts";

it("depends on nothing and runs nothing when it is installed", () => {
  const members = Object.keys(packageManifest(own));
  expect(members).toContain("bin");
  expect(members.filter((member) => /dependencies|scripts|gypfile/i.test(member))).toEqual([]);
});

it("has the name and the version of the workspace", () => {
  expect(packageManifest(own)).toMatchObject({ name: own.name, version: own.version, license: "MIT" });
});
