import { expect, test } from "vitest";
import { childEnvironment } from "./child-environment.ts";

test("a child gets what a loader needs and what its engine sets, and nothing else of the operator's environment", () => {
  const environment = childEnvironment(
    { PATH: "/bin", AWS_SECRET_ACCESS_KEY: "secret", ORT_DISABLE_TELEMETRY: "0" },
    { ORT_DISABLE_TELEMETRY: "1" },
  );
  expect(environment).toEqual({ PATH: "/bin", ORT_DISABLE_TELEMETRY: "1" });
});
