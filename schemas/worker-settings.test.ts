import { expect, test } from "vitest";
import { passedVariables } from "./worker-settings.ts";

test("the Worker is given its settings that are set, and nothing else of the environment", () => {
  expect(passedVariables({ FEE_BPS: "100", X402: "", PEERS: undefined, PATH: "/bin" })).toEqual({
    FEE_BPS: "100",
  });
});
