/** A child that tries what its sandbox is there to prevent, and tells how far it came. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchParent } from "../engine/child/serve-model.ts";
import type { ProbeReport } from "./probe-report.ts";

/** More than the limit that a probe is started under. */
const TOO_MANY_BYTES = 3 * 1024 ** 3;
const PORT = 9;

await watchParent();
const status = readStatus();
const report: ProbeReport = {
  data_bytes: status === null ? null : Number(/^VmData:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024,
  filtered: /^Seccomp:\s+2$/m.test(status ?? ""),
  attempts: {
    "read a file of the system": attempt(() => readFileSync("/etc/passwd")),
    "write a file": attempt(() => {
      const path = join(tmpdir(), `infernet-probe-${process.pid}`);
      writeFileSync(path, "written");
      rmSync(path, { force: true });
    }),
    "start a program": attempt(() => {
      const { error } = spawnSync("/bin/sh", ["-c", "exit 0"]);
      if (error) throw error;
    }),
    "open a connection": await connection(),
    "take more memory than it may": attempt(() => new ArrayBuffer(TOO_MANY_BYTES)),
  },
};
process.send?.(report);

function readStatus(): string | null {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return null;
  }
}

function attempt(act: () => unknown): string {
  try {
    act();
    return "done";
  } catch (error) {
    return codeOf(error);
  }
}

/** A port of this machine that nobody listens on: where there is a network, it is refused by its peer. */
function connection(): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(PORT, "127.0.0.1", () => resolve("done"));
    socket.once("error", (error) => resolve(codeOf(error)));
  });
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.name : String(error);
}
