#!/usr/bin/env node
/** The published command. Nothing else is loaded before Node is known to be new enough for it. */
import { RUNNER_ERRORS } from "../runner-error.ts";
import { explainOldNode } from "./node-version.ts";

const complaint = explainOldNode(process.versions.node);
if (complaint === null) {
  const { createProgram } = await import("../cli/program.ts");
  await createProgram().parseAsync();
} else {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = RUNNER_ERRORS.engine_missing.exit_code;
}
