import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../sandbox/find-program.ts";
import type { OnnxRuntime } from "../install/onnx-runtime.ts";
import type { Provider } from "./load-message.ts";

/** What speaks for or against a provider before a child tries it, for starting one takes time. */
export interface MachineFacts {
  platform: NodeJS.Platform;
  /** ONNX Runtime's own library for CUDA is there: its package does not carry it. */
  hasCudaLibrary: boolean;
  /** Some Vulkan driver is installed, which may be one that computes on the CPU. */
  hasVulkanDriver: boolean;
  /** There is a GPU's device node. */
  hasGpu: boolean;
}

/**
 * Providers worth trying on a machine, best first. WebGPU on a driver that computes on the CPU is slower than the CPU
 * itself, so it is not among them without a GPU.
 */
export function listProviders({
  platform,
  hasCudaLibrary,
  hasVulkanDriver,
  hasGpu,
}: MachineFacts): Provider[] {
  const hasWebGpu = platform === "linux" ? hasVulkanDriver && hasGpu : true;
  return [
    ...(hasCudaLibrary && hasGpu ? ["cuda" as const] : []),
    ...(hasWebGpu ? ["webgpu" as const] : []),
    "cpu",
  ];
}

const DRIVER_FOLDERS = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
const GPU_DEVICES = ["/dev/nvidia0", "/dev/dri/renderD128", "/dev/kfd", "/dev/dxg"];

export function readMachineFacts({ dir }: OnnxRuntime): MachineFacts {
  const { platform, arch, env } = process;
  const cuda = platform === "win32" ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
  const named = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  return {
    platform,
    hasCudaLibrary: existsSync(join(dir, "bin/napi-v6", platform, arch, cuda)),
    hasVulkanDriver: named !== undefined || DRIVER_FOLDERS.some(hasDriver),
    hasGpu:
      platform === "win32"
        ? findProgram("nvidia-smi") !== null
        : GPU_DEVICES.some((path) => existsSync(path)),
  };
}

function hasDriver(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(".json"));
}
