import { expect, it } from "vitest";
import { END_CODES, judgeEnd } from "./child-end.ts";

it("tells a kill from outside from a crash, in the child itself and behind bubblewrap", () => {
  expect(judgeEnd(null, "SIGKILL", "")).toEqual({ how: "was killed by SIGKILL", kind: "killed" });
  expect(judgeEnd(128 + 9, null, "")).toEqual({ how: "was killed by SIGKILL", kind: "killed" });
  expect(judgeEnd(null, "SIGSEGV", "")).toEqual({ how: "was killed by SIGSEGV", kind: "ended" });
  expect(judgeEnd(1, null, "")).toEqual({ how: "ended with exit code 1", kind: "ended" });
});

it("knows memory that was refused by the last words of whoever was refused", () => {
  const words = [
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    "terminate called after throwing an instance of 'std::bad_alloc'",
  ];
  for (const stderr of words) {
    const { kind } = judgeEnd(128 + 6, null, stderr);
    expect(kind).toBe("out_of_memory");
    expect(END_CODES[kind]).toBe("out_of_memory");
  }
});

it("knows a call that the filter ends a process for", () => {
  expect(END_CODES[judgeEnd(null, "SIGSYS", "").kind]).toBe("sandbox_violation");
  expect(END_CODES[judgeEnd(128 + 31, null, "").kind]).toBe("sandbox_violation");
});

it("does not take an orderly end for one without memory", () => {
  expect(judgeEnd(0, null, "out of memory").kind).toBe("ended");
});
