import { existsSync, readFileSync } from "node:fs";
import { createBwrapSandbox } from "./bwrap-sandbox.ts";
import { explainBwrap, type NamespaceSettings } from "./explain-bwrap.ts";
import { findProgram } from "./find-program.ts";
import { judgeReport } from "./judge-report.ts";
import { nodeDataBytes } from "./node-data-bytes.ts";
import { runProbe } from "./run-probe.ts";
import { isFiltered } from "./seccomp/engine-filter.ts";
import type { TriedSandbox } from "./tried-sandbox.ts";

/** Room for Node itself and nothing of the size that the probe asks for. */
const PROBE_DATA_BYTES = 2 * 1024 ** 3;

/** Whether a child can be given namespaces of its own here. */
export async function tryBwrap(): Promise<TriedSandbox> {
  const level = "bwrap";
  const refuse = (reason: string, fix: string): TriedSandbox => ({ level, sandbox: null, reason, fix });
  const { arch, platform } = process;
  if (platform !== "linux") {
    return refuse(
      `it needs Linux; this is ${platform}`,
      "Run the runner on Linux; on Windows WSL 2 will do.",
    );
  }
  if (!isFiltered(arch)) {
    return refuse(`there is no filter of system calls for ${arch}`, "Use a machine with x64 or arm64.");
  }
  const bwrap = findProgram("bwrap");
  if (bwrap === null) {
    return refuse("bubblewrap is not installed", "Install the package `bubblewrap` of your distribution.");
  }
  try {
    const report = await runProbe(createBwrapSandbox({ bwrap, arch, node_data_bytes: PROBE_DATA_BYTES }));
    const fault = judgeReport(level, report);
    if (fault !== null) return refuse(fault, "Use a kernel with seccomp and namespaces, Linux 5.4 or later.");
    const node_data_bytes = nodeDataBytes(report);
    return { level, sandbox: createBwrapSandbox({ bwrap, arch, node_data_bytes }), reason: null, fix: null };
  } catch (error) {
    const { reason, fix } = explainBwrap(
      error instanceof Error ? error.message : String(error),
      readSettings(),
    );
    return refuse(reason, fix);
  }
}

function readSettings(): NamespaceSettings {
  const read = (name: string): string | null => {
    try {
      return readFileSync(`/proc/sys/${name}`, "utf8").trim();
    } catch {
      return null;
    }
  };
  return {
    apparmor_restrict: read("kernel/apparmor_restrict_unprivileged_userns"),
    userns_clone: read("kernel/unprivileged_userns_clone"),
    user_namespaces_max: read("user/max_user_namespaces"),
    contained: existsSync("/.dockerenv") || existsSync("/run/.containerenv"),
  };
}
