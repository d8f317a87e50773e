import { spawn } from "node:child_process";
import { findNpm } from "./find-npm.ts";

/** A download of a hundred MB on a slow line. */
const NPM_MS_MAX = 15 * 60_000;

const STDERR_CHARS_MAX = 8_000;

/** No script of a package is run: those may download what nobody has pinned, and fail where that is blocked. */
const ARGUMENTS = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];

/** A registry that does not answer is given up within a minute, unless the owner has set another patience. */
const PATIENCE = {
  npm_config_fetch_retries: "2",
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fetch_retry_maxtimeout: "5000",
};

/** Of what an npm that started the runner was told: where packages come from, not what it was to do with them. */
const PASSED_ON =
  /^npm_config_(registry|_?proxy|https?_proxy|noproxy|cafile|ca|cache|userconfig|globalconfig|strict_ssl|fetch_\w+)$/i;

/** npm said no: `output` is what it wrote to its error stream. */
export class NpmFailed extends Error {
  readonly output: string;

  constructor(output: string) {
    super("npm failed");
    this.name = "NpmFailed";
    this.output = output;
  }
}

/** Runs `npm ci` in a folder with a manifest and a lockfile. Rejects with `NpmFailed`. */
export const runNpmCi = (dir: string, environment: NodeJS.ProcessEnv): Promise<void> =>
  runNpm(dir, ["ci"], environment);

/** Runs npm in a folder, without the scripts of packages. Rejects with `NpmFailed`. */
export async function runNpm(
  dir: string,
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const [program, ...first] = findNpm(environment) ?? [];
  if (program === undefined) throw new NpmFailed("npm is not installed");
  const child = spawn(program, [...first, ...command, ...ARGUMENTS], {
    cwd: dir,
    env: npmEnvironment(environment),
    stdio: ["ignore", "ignore", "pipe"],
    timeout: NPM_MS_MAX,
    windowsHide: true,
  });
  let output = "";
  child.stderr.on("data", (chunk) => {
    output = (output + String(chunk)).slice(-STDERR_CHARS_MAX);
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      output += error.message;
      resolve(null);
    });
    child.once("close", resolve);
  });
  if (code !== 0) throw new NpmFailed(output.trim() || `npm ended with exit code ${code}`);
}

function npmEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !/^npm_/i.test(name) || PASSED_ON.test(name));
  return { ...PATIENCE, ...Object.fromEntries(kept) };
}
