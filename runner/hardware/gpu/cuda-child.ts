import { createRequire } from "node:module";
import type { CudaDevice } from "./cuda-device.ts";
import type { CudaReport } from "./cuda-report.ts";

const NAME_BYTES = 128;
const UUID_BYTES = 16;

// The driver may hang, or take its process with it: so this is one of its own. `koffi` is loaded nowhere else.
const [, , library = "libcuda.so.1", koffi = "koffi"] = process.argv;
process.send?.(report(library), () => process.exit());
process.once("disconnect", () => process.exit());

function report(library: string): CudaReport {
  try {
    // By its path, and not by a name that would be looked for beside this module: it may lie in the runner's home.
    const { load }: typeof import("koffi") = createRequire(import.meta.url)(koffi);
    return { devices: readDevices(load(library)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { reason: reason.split("\n", 1)[0]?.slice(0, 500) ?? "" };
  }
}

/** By the CUDA Driver API. Throws with the name and the code of a call that fails. */
function readDevices(driver: ReturnType<typeof import("koffi").load>): CudaDevice[] {
  const call = (name: string, parameters: string) => {
    const native = driver.func(`int ${name}(${parameters})`);
    return (...args: unknown[]): void => {
      const code = native(...args);
      if (code !== 0) throw new Error(`${name} failed with code ${code}`);
    };
  };
  const getCount = call("cuDeviceGetCount", "_Out_ int *count");
  const getDevice = call("cuDeviceGet", "_Out_ int *device, int ordinal");
  const getAttribute = call("cuDeviceGetAttribute", "_Out_ int *value, int attribute, int device");
  const getName = call("cuDeviceGetName", "_Out_ uint8_t *name, int bytes, int device");
  const getMemory = call("cuDeviceTotalMem_v2", "_Out_ size_t *bytes, int device");
  const getUuid = call("cuDeviceGetUuid", "_Out_ uint8_t *uuid, int device");

  call("cuInit", "unsigned int flags")(0);
  const read = (get: (...args: unknown[]) => void, ...args: unknown[]): number => {
    const out: [unknown] = [0];
    get(out, ...args);
    return Number(out[0]);
  };
  return Array.from({ length: read(getCount) }, (_, ordinal) => {
    const device = read(getDevice, ordinal);
    const attribute = (number: number): number => read(getAttribute, number, device);
    const name = Buffer.alloc(NAME_BYTES);
    getName(name, NAME_BYTES, device);
    const uuid = Buffer.alloc(UUID_BYTES);
    getUuid(uuid, device);
    return {
      name: name.toString("utf8").replace(/\0.*$/s, ""),
      uuid: `GPU-${uuid.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`,
      vram_bytes: read(getMemory, device),
      multiprocessors: attribute(16),
      memory_clock_khz: attribute(36),
      bus_bits: attribute(37),
      major: attribute(75),
      minor: attribute(76),
    };
  });
}
