import { passedVariables as passedByServe } from "@infernet/edge/host/serve-options";
import { passedVariables } from "infernet-runner/aggregate/worker-bindings";
import { expect, test } from "vitest";

test("both hosts of the Worker pass on the same variables of their environment", () => {
  const everything = new Proxy<NodeJS.ProcessEnv>({}, { get: () => "set" });
  expect(passedVariables(everything)).toEqual(passedByServe(everything));
});
