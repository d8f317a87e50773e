import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

export interface CommandOutcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `infernet-runner` as a person does, without a terminal, to its end; with these variables besides those of this process. */
export async function runCommandIn(
  environment: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<number | null>((resolve) => void child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

export const runCommand = (...args: string[]): Promise<CommandOutcome> => runCommandIn({}, ...args);
