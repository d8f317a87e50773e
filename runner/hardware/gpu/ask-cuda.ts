import { fork } from "node:child_process";
import { entryPath } from "../../entry-path.ts";
import { childEnvironment } from "../../sandbox/child-environment.ts";
import { CudaReport } from "./cuda-report.ts";
import { locateKoffi } from "./koffi.ts";

/**
 * Asks the NVIDIA driver about its devices, in a process that is killed when the time is over: a driver may hang or crash.
 * @param library its name or path
 * @param koffi the package that calls it, null where it is missing
 */
export async function askCuda(
  library: string,
  timeout_ms: number,
  koffi: string | null = locateKoffi(null),
): Promise<CudaReport> {
  if (koffi === null) return { reason: "koffi, which asks it, is not installed yet: a start does that" };
  const { promise, resolve } = Promise.withResolvers<CudaReport>();
  const { CUDA_VISIBLE_DEVICES: visible } = process.env;
  const child = fork(entryPath("hardware/gpu/cuda-child"), [library, koffi], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    execArgv: [],
    env: childEnvironment(process.env, visible === undefined ? {} : { CUDA_VISIBLE_DEVICES: visible }),
  });
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    resolve({ reason: `the driver did not answer within ${timeout_ms} ms` });
  }, timeout_ms);
  child.once("message", (message) => {
    const report = CudaReport.safeParse(message);
    resolve(report.success ? report.data : { reason: "the driver's answer makes no sense" });
  });
  child.once("error", (error) => resolve({ reason: error.message }));
  child.once("exit", (code, signal) => {
    clearTimeout(timer);
    resolve({ reason: `the driver ended the process that asked it, with ${signal ?? `exit code ${code}`}` });
  });
  return promise;
}
