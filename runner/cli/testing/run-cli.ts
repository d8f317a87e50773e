import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** Nothing of what this machine's own owner has set, and no port that another test may have. */
const ENVIRONMENT = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("INFERNET_"))),
  INFERNET_METRICS_PORT: "0",
  INFERNET_CONTAINERS_ENGINE: "off",
};

export interface Cli {
  child: ChildProcess;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code, or the signal that ended it. */
  exit: Promise<unknown>;
}

/** Starts `infernet-runner` with these arguments. */
export function startCli(args: readonly string[], environment: Record<string, string> = {}): Cli {
  return follow(process.execPath, [MAIN, ...args], environment);
}

/** The same at a terminal, made by `script`; keys are written to its standard input. */
export function startAtTerminal(args: readonly string[]): Cli {
  const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(" ");
  return follow("script", ["-qefc", `stty cols 120 rows 40; exec ${command}`, "/dev/null"], {});
}

/** Why there is no terminal to be had here, or null. */
export const noTerminal = (): string | null =>
  process.platform === "linux" && spawnSync("script", ["--version"]).status === 0
    ? null
    : "`script` of util-linux is not here to make a terminal";

/** Runs it to its end. */
export async function runCli(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const cli = startCli(args, environment);
  const code = await cli.exit;
  return { code, stdout: cli.stdout, stderr: cli.stderr };
}

function follow(program: string, args: readonly string[], environment: Record<string, string>): Cli {
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...ENVIRONMENT, ...environment },
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    texts.stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    texts.stderr += chunk.toString();
  });
  return {
    child,
    get stdout() {
      return texts.stdout;
    },
    get stderr() {
      return texts.stderr;
    },
    exit: once(child, "close").then(([code, signal]) => code ?? signal),
  };
}
