import { judgeReport } from "./judge-report.ts";
import { nodeDataBytes } from "./node-data-bytes.ts";
import { createProcessSandbox } from "./process-sandbox.ts";
import { runProbe } from "./run-probe.ts";
import type { TriedSandbox } from "./tried-sandbox.ts";

/** Room for Node itself and nothing of the size that the probe asks for. */
const PROBE_DATA_BYTES = 2 * 1024 ** 3;

/** Whether a child process can be held to limits here. */
export async function tryProcess(): Promise<TriedSandbox> {
  const level = "process";
  if (process.platform === "win32") {
    const reason = "Windows has no limits that a process can be started with";
    return { level, sandbox: null, reason, fix: "Run the runner in WSL 2, which has every level of Linux." };
  }
  try {
    const report = await runProbe(createProcessSandbox(PROBE_DATA_BYTES), ["/proc/self/status"]);
    const fault = judgeReport(level, report);
    if (fault === null) {
      return { level, sandbox: createProcessSandbox(nodeDataBytes(report)), reason: null, fix: null };
    }
    const fix = "This system or this Node cannot withhold it: use Linux, and Node 24 or later.";
    return { level, sandbox: null, reason: fault, fix };
  } catch (error) {
    const reason = `a child with limits does not start: ${error instanceof Error ? error.message : error}`;
    return {
      level,
      sandbox: null,
      reason,
      fix: "Check that /bin/sh knows `ulimit`, and use Node 24 or later.",
    };
  }
}
