import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { LIMITS } from "@infernet/schemas/limits";
import { runTool } from "../run-tool.ts";
import { askCuda } from "./ask-cuda.ts";
import { describeCudaDevice } from "./cuda-device.ts";
import type { FoundGpu } from "./found-gpu.ts";
import { joinNvidia, parseDriverVersion } from "./join-nvidia.ts";
import { locateKoffi } from "./koffi.ts";
import { AMD_SMI_ARGS, parseAmdSmi } from "./parse-amd-smi.ts";
import { NVIDIA_SMI_ARGS, parseNvidiaSmi } from "./parse-nvidia-smi.ts";
import { parseRocmSmi, ROCM_SMI_ARGS } from "./parse-rocm-smi.ts";
import { parseSystemProfiler, SYSTEM_PROFILER_ARGS } from "./parse-system-profiler.ts";
import { readAmdSysfs } from "./read-amd-sysfs.ts";

/** What one source said: how many GPUs, or why none. */
export interface GpuSource {
  source: string;
  gpus: number;
  reason: string | null;
}

export interface GpuFindings {
  gpus: FoundGpu[];
  sources: GpuSource[];
}

export interface GpuPlaces {
  /** The NVIDIA driver's library. */
  cuda_library: string;
  /** What is there where an NVIDIA card is: without any of these nobody asks the driver. */
  nvidia_traces: readonly string[];
  drm: string;
}

/** The last is Windows' own kernel beneath a Linux. */
const NVIDIA_TRACES = ["/dev/nvidiactl", "/proc/driver/nvidia", "/dev/dxg"];

export const GPU_PLACES: GpuPlaces = {
  nvidia_traces: NVIDIA_TRACES,
  cuda_library: "libcuda.so.1",
  drm: "/sys/class/drm",
};

/**
 * The GPUs of this machine, from whatever knows of them. What is not there, hangs or crashes is a reason, not an error.
 *
 * @param findKoffi called only where an NVIDIA card shows
 */
export async function detectGpus(
  places: GpuPlaces = GPU_PLACES,
  findKoffi: () => Promise<string | null> = async () => locateKoffi(null),
): Promise<GpuFindings> {
  if (process.platform === "darwin") {
    const mac = await ask("system_profiler", SYSTEM_PROFILER_ARGS, (json) =>
      parseSystemProfiler(json, totalmem()),
    );
    return { gpus: mac.gpus, sources: [mac.source] };
  }
  const [nvidia, amd] = await Promise.all([detectNvidia(places, findKoffi), detectAmd(places)]);
  return { gpus: [...nvidia.gpus, ...amd.gpus], sources: [...nvidia.sources, ...amd.sources] };
}

/** Whether something says that an NVIDIA card is built in, whether its driver works or not. */
export const hasNvidiaTrace = (traces: readonly string[] = NVIDIA_TRACES): boolean => traces.some(existsSync);

async function detectNvidia(
  { cuda_library, nvidia_traces }: GpuPlaces,
  findKoffi: () => Promise<string | null>,
): Promise<GpuFindings> {
  const asked = hasNvidiaTrace(nvidia_traces)
    ? findKoffi().then((koffi) => askCuda(cuda_library, LIMITS.gpu_detection_ms_max, koffi))
    : Promise.resolve({ reason: "no NVIDIA card shows in /dev or /proc" });
  const [report, smi, version] = await Promise.all([
    asked,
    ask("nvidia-smi", NVIDIA_SMI_ARGS, parseNvidiaSmi),
    readFile("/proc/driver/nvidia/version", "utf8").catch(() => ""),
  ]);
  const devices = "devices" in report ? report.devices : [];
  const reason = "reason" in report ? report.reason : null;
  return {
    gpus: joinNvidia(devices.map(describeCudaDevice), smi.gpus, parseDriverVersion(version)),
    sources: [{ source: "NVIDIA driver", gpus: devices.length, reason }, smi.source],
  };
}

/** The first that knows of any: all of them speak of the same cards. */
async function detectAmd({ drm }: GpuPlaces): Promise<GpuFindings> {
  const [amdSmi, rocmSmi, sysfs] = await Promise.all([
    ask("amd-smi", AMD_SMI_ARGS, parseAmdSmi),
    ask("rocm-smi", ROCM_SMI_ARGS, parseRocmSmi),
    readAmdSysfs(drm),
  ]);
  const reason = sysfs.length === 0 ? `no card in ${drm} shows memory of its own` : null;
  const answers = [
    amdSmi,
    rocmSmi,
    { gpus: sysfs, source: { source: "amdgpu", gpus: sysfs.length, reason } },
  ];
  return {
    gpus: answers.find(({ gpus }) => gpus.length > 0)?.gpus ?? [],
    sources: answers.map(({ source }) => source),
  };
}

async function ask(
  tool: string,
  args: readonly string[],
  parse: (text: string) => FoundGpu[],
): Promise<{ gpus: FoundGpu[]; source: GpuSource }> {
  const output = await runTool(tool, args, LIMITS.gpu_detection_ms_max);
  if ("reason" in output) return { gpus: [], source: { source: tool, gpus: 0, reason: output.reason } };
  try {
    const gpus = parse(output.stdout);
    const reason = gpus.length === 0 ? `${tool} names none` : null;
    return { gpus, source: { source: tool, gpus: gpus.length, reason } };
  } catch {
    return {
      gpus: [],
      source: { source: tool, gpus: 0, reason: `${tool} says what this version cannot read` },
    };
  }
}
