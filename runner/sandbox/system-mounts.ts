import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";

/** Where systems keep the libraries that Node and drivers are linked with; nothing in them is a secret. */
const LIBRARIES = [
  "/lib",
  "/lib32",
  "/lib64",
  "/usr/lib",
  "/usr/lib32",
  "/usr/lib64",
  "/usr/local/lib",
  "/nix/store",
];

/** Where libraries look for each other, and for what the processor can do. */
const FACTS = ["/etc/ld.so.cache", "/etc/alternatives", "/sys/devices/system/cpu"];

/** What GPUs are: their device nodes, and where drivers look for them and for their own parts. */
const GPU_DEVICES = [
  "/dev/dri",
  "/dev/kfd",
  "/dev/dxg",
  "/dev/nvidia-caps",
  "/dev/nvidia-modeset",
  "/dev/nvidia-uvm",
  "/dev/nvidia-uvm-tools",
  "/dev/nvidiactl",
  ...Array.from({ length: 16 }, (_, i) => `/dev/nvidia${i}`),
];
const GPU_FILES = [
  "/etc/vulkan",
  "/etc/OpenCL",
  "/etc/glvnd",
  "/usr/share/vulkan",
  "/usr/share/glvnd",
  "/usr/share/nvidia",
  "/usr/share/libdrm",
  "/usr/local/cuda",
  "/usr/local/share/vulkan",
  "/opt/cuda",
  "/opt/rocm",
  "/run/opengl-driver",
  "/sys/bus/pci",
  "/sys/class/drm",
  "/sys/dev/char",
  "/sys/devices",
];

/** Names the variables in which a machine's owner says where a Vulkan driver is. */
export const DRIVER_VARIABLES = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] as const;

/** Arguments of bwrap that show a child the system's libraries, read-only. */
export function libraryMounts(): string[] {
  return [...LIBRARIES, ...FACTS].flatMap((path) => {
    if (!existsSync(path)) return [];
    if (lstatSync(path).isSymbolicLink()) return ["--symlink", readlinkSync(path), path];
    return ["--ro-bind", path, path];
  });
}

/** Arguments of bwrap that show it the machine's GPUs and their drivers, with what the owner's variables name. */
export function gpuMounts(environment: NodeJS.ProcessEnv): string[] {
  const named = DRIVER_VARIABLES.flatMap((name) => environment[name]?.split(":") ?? []).map(dirname);
  const libraries = environment.LD_LIBRARY_PATH?.split(":") ?? [];
  const files = [...new Set([...GPU_FILES, ...named, ...libraries])].filter((path) => path.startsWith("/"));
  return [
    ...GPU_DEVICES.flatMap((path) => ["--dev-bind-try", path, path]),
    ...files.flatMap((path) => ["--ro-bind-try", path, path]),
  ];
}
