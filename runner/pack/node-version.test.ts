import { expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { explainOldNode, NODE_MAJOR_MIN } from "./node-version.ts";

it("tells who has too old a Node which one is needed, and others nothing", () => {
  expect(explainOldNode("18.20.4")).toMatch(/needs Node 20 or newer; this is 18\.20\.4/);
  expect(explainOldNode("8.0.0")).not.toBeNull();
  expect(explainOldNode("20.0.0")).toBeNull();
  expect(explainOldNode("100.0.0")).toBeNull();
});

it("is what the package's manifest promises", () => {
  expect(manifest.engines.node).toBe(`>=${NODE_MAJOR_MIN}`);
});
