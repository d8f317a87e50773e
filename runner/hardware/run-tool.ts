import { execFile } from "node:child_process";

/** What a tool printed, or why it printed nothing. */
export type ToolOutput = { stdout: string } | { reason: string };

const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;

/** Runs a tool of the system by its arguments, without a shell. What it prints on standard error is the reason of a failure. */
export function runTool(file: string, args: readonly string[], timeout_ms: number): Promise<ToolOutput> {
  const options = { timeout: timeout_ms, maxBuffer: OUTPUT_BYTES_MAX, killSignal: "SIGKILL" } as const;
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ stdout });
      if (error.code === "ENOENT") return resolve({ reason: `${file} is not installed` });
      if (error.killed) return resolve({ reason: `${file} did not end within ${timeout_ms} ms` });
      const said = `${stderr}\n${stdout}`.split("\n").find((line) => line.trim() !== "");
      resolve({
        reason:
          said?.trim().slice(0, 300) ?? `${file} ended with ${error.signal ?? `exit code ${error.code}`}`,
      });
    });
  });
}
