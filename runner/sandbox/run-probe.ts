import { entryPath } from "../entry-path.ts";
import { ProbeReport } from "./probe-report.ts";
import type { Sandbox } from "./sandbox.ts";

/** Node starts in a tenth of it, on a machine that has time. */
const PROBE_MS_MAX = 20_000;

/** The last words of a child that could not start. */
const STDERR_CHARS_MAX = 2_000;

/** Starts the probe in a sandbox. Rejects with what the sandbox said when the child told nothing. */
export function runProbe(sandbox: Sandbox, reads: readonly string[] = []): Promise<ProbeReport> {
  const entry = entryPath("sandbox/probe-child");
  const child = sandbox.launch({ entry, reads, gpu: false, memory_bytes_max: 0, env: {} });
  return new Promise((resolve, reject) => {
    let stderr = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), PROBE_MS_MAX);
    child.stderr?.on("data", (chunk) => {
      stderr = (stderr + String(chunk)).slice(-STDERR_CHARS_MAX);
    });
    child.once("message", (raw) => {
      const report = ProbeReport.safeParse(raw);
      report.success ? resolve(report.data) : reject(report.error);
      child.kill("SIGKILL");
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      reject(new Error(stderr.trim() || `the probe ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
