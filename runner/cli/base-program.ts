import { Command } from "commander";
import { RUNNER_VERSION } from "../runner.ts";
import { RUNNER_ERRORS } from "../runner-error.ts";

/** The command line without its commands. Exit codes: see `RUNNER_ERRORS` and the README. */
export const createBaseProgram = (): Command =>
  new Command("infernet-runner")
    .description("Runs inference jobs for Infernet on this machine and earns for them.")
    .version(RUNNER_VERSION)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : RUNNER_ERRORS.usage.exit_code));
