#!/usr/bin/env node
/** The published command. Nothing else is loaded before Node is known to be new enough for it. */
import { RUNNER_ERRORS } from "../runner-error.ts";
import { explainOldNode } from "./node-version.ts";

const complaint = explainOldNode(process.versions.node);
if (complaint === null) {
  const { runProgram } = await import("../cli/run-program.ts");
  await runProgram();
} else {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = RUNNER_ERRORS.engine_missing.exit_code;
}
