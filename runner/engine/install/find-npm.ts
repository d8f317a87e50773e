import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram } from "../../sandbox/find-program.ts";

/** The start of a command line that runs npm; null where there is none. */
export function findNpm(environment: NodeJS.ProcessEnv): string[] | null {
  const beside = dirname(process.execPath);
  const scripts = [
    // Set where npm or npx started the runner.
    environment.npm_execpath,
    join(beside, "../lib/node_modules/npm/bin/npm-cli.js"),
    join(beside, "node_modules/npm/bin/npm-cli.js"),
  ];
  const script = scripts.find((path) => path?.endsWith("npm-cli.js") && existsSync(path));
  if (script !== undefined) return [process.execPath, script];
  const program = findProgram("npm", environment.PATH);
  return program === null ? null : [program];
}
