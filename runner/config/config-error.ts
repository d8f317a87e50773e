import { RunnerError } from "../runner-error.ts";

/** A setting that cannot be used: names where it stands and what the rule is. */
export const configError = (where: string, what: string): RunnerError =>
  new RunnerError("config_invalid", `${where}: ${what}`);
