import { expect, it } from "vitest";
import { EngineFailure } from "../engine-failure.ts";
import { explainExit } from "./explain-exit.ts";

const exit = (code: number | null, change: object = {}) =>
  explainExit({ code, signal: null, stderr: "", memory_bytes: 64 * 1024 ** 2, ...change });

it.each([
  [137, "out_of_memory", /limit of 64 MiB/],
  [159, "sandbox_violation", /system call/],
  [127, "model_unloadable", /cannot be run; the end of its standard error: "no such file"/],
])("exit code %d is a failure of the kind %s", (code, kind, reason) => {
  const failure = exit(code, { stderr: "no such file" });
  expect(failure).toBeInstanceOf(EngineFailure);
  expect(failure).toMatchObject({ code: kind, message: expect.stringMatching(reason) });
});

it("anything else is a crash in its own words", () => {
  expect(exit(3, { stderr: "Traceback" })).toBe(
    'ended with exit code 3; the end of its standard error: "Traceback"',
  );
  expect(exit(null, { signal: "SIGKILL" })).toBe("was killed by SIGKILL");
  expect(exit(125)).toBe("could not be started");
});
