import { findNpm } from "../../engine/install/find-npm.ts";
import { locateOnnxRuntime } from "../../engine/install/onnx-runtime.ts";
import { runTool } from "../../hardware/run-tool.ts";
import { type Check, fail, pass } from "../check.ts";

const TIMEOUT_MS = 15_000;

/** Whether an engine that is not here yet can be had. */
export const checkRegistry: Check = {
  name: "npm registry",
  examine: async ({ home }) => {
    if (locateOnnxRuntime(home) !== null) return pass("not needed: the engine is installed");
    const [npm, ...first] = findNpm(process.env) ?? [];
    if (npm === undefined)
      return fail("npm is not installed", "Install Node with npm, from nodejs.org or your system.");
    const ping = await runTool(npm, [...first, "ping", "--loglevel=error", "--fetch-retries=0"], TIMEOUT_MS);
    if ("stdout" in ping) return pass("answers");
    return fail(
      `does not answer: ${ping.reason}`,
      "Check `npm ping`, and the proxy and registry in `npm config list`.",
    );
  },
};
