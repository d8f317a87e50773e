import { expect, test } from "vitest";
import { DEFAULT_HOME } from "../cli/parse-options.ts";
import { commandLine } from "./command-line.ts";

test("the home is named only when it is another than the usual one", () => {
  const edge = "https://edge.example";
  expect(commandLine("withdraw", { edge, home: DEFAULT_HOME })).toBe(
    "infernet-runner withdraw --edge https://edge.example",
  );
  expect(commandLine("earnings", { edge, home: "./home" })).toBe(
    "infernet-runner earnings --edge https://edge.example --home ./home",
  );
});

test("what a shell would read otherwise is quoted", () => {
  expect(commandLine("earnings", { edge: "http://a/?b&c", home: "Ada's home" })).toBe(
    "infernet-runner earnings --edge 'http://a/?b&c' --home 'Ada'\\''s home'",
  );
});
