import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Gpu } from "@infernet/schemas/runner";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { askCuda } from "./ask-cuda.ts";
import { describeCudaDevice } from "./cuda-device.ts";
import { detectGpus } from "./detect-gpus.ts";

const SOURCE = fileURLToPath(new URL("fake-cuda.c", import.meta.url));
const isLinux = process.platform === "linux";
const missing = whyNoDriver();
if (missing !== null) console.warn(`skipped, a driver library made for the test: ${missing}`);

let folder: string;
let library: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "infernet-gpu-"));
  library = join(folder, "libcuda-fake.so");
  if (missing === null) execFileSync("gcc", ["-shared", "-fPIC", "-o", library, SOURCE]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Somewhere that an NVIDIA card shows in, without a driver. */
const places = () => ({
  cuda_library: join(folder, "libcuda-that-is-not-there.so"),
  nvidia_traces: [folder],
  drm: join(folder, "none"),
});

describe.skipIf(missing !== null)("an NVIDIA driver, by its library", () => {
  it("gives the known figures of an RTX 4090: 16,384 cores and 1,008 GB/s", async () => {
    const report = await askCuda(library, 10_000);
    if (!("devices" in report)) throw new Error(report.reason);
    expect(report.devices.map(describeCudaDevice)).toEqual([
      {
        name: "NVIDIA GeForce RTX 4090",
        uuid: "GPU-abababab-abab-abab-abab-abababababab",
        vram_bytes: 24 * 1024 ** 3,
        compute_capability: "8.9",
        cuda_cores: 16_384,
        memory_bandwidth_bytes_per_s: 1_008_096_000_000,
      },
    ]);
  });

  it.each([
    ["hang", "did not answer within 1500 ms"],
    ["crash", "SIGABRT"],
    ["no-device", "cuInit failed with code 100"],
  ])("that would %s costs a child process, and says why", async (fault, reason) => {
    vi.stubEnv("LANG", fault);
    try {
      expect(await askCuda(library, 1_500)).toEqual({ reason: expect.stringContaining(reason) });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("is one source of several, and what it finds can be registered once the id is taken off", async () => {
    const { gpus, sources } = await detectGpus({ ...places(), cuda_library: library });
    const [{ uuid, ...gpu } = {}] = gpus;
    expect(uuid).toMatch(/^GPU-/);
    expect(Gpu.parse(gpu)).toMatchObject({ cuda_cores: 16_384 });
    expect(sources).toContainEqual({ source: "NVIDIA driver", gpus: 1, reason: null });
  });
});

describe.runIf(isLinux)("a machine without a GPU", () => {
  it("has none, and each source says why", async () => {
    const { gpus, sources } = await detectGpus(places());
    expect(gpus.filter(({ uuid }) => uuid === undefined)).toEqual([]);
    expect(sources.map(({ source }) => source)).toEqual([
      "NVIDIA driver",
      "nvidia-smi",
      "amd-smi",
      "rocm-smi",
      "amdgpu",
    ]);
    expect(sources[0]).toMatchObject({
      gpus: 0,
      reason: expect.stringContaining("No such file"),
    });
  });

  it("does not start a process to ask a driver where no card shows", async () => {
    const { sources } = await detectGpus({ ...places(), nvidia_traces: [join(folder, "none")] });
    expect(sources[0]?.reason).toContain("no NVIDIA card shows");
  });

  it("shows the memory of an AMD card without any tool", async () => {
    const device = join(folder, "drm/card0/device");
    await mkdir(device, { recursive: true });
    await mkdir(join(folder, "drm/card0-DP-1"), { recursive: true });
    await writeFile(join(device, "mem_info_vram_total"), "17163091968\n");
    await writeFile(join(device, "product_name"), "AMD Radeon RX 7800 XT\n");
    const { gpus } = await detectGpus({ ...places(), drm: join(folder, "drm") });
    expect(gpus).toContainEqual({ name: "AMD Radeon RX 7800 XT", vram_bytes: 17_163_091_968 });
  });
});

/** Why no driver library can be made and loaded here; null where it can. */
function whyNoDriver(): string | null {
  if (!isLinux) return "the library is made for Linux";
  try {
    execFileSync("gcc", ["--version"], { stdio: "ignore" });
  } catch {
    return "gcc is not installed";
  }
  return null;
}
