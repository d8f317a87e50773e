import { expect, test } from "vitest";
import { coresPerSm } from "./cores-per-sm.ts";
import { describeCudaDevice } from "./cuda-device.ts";
import { joinNvidia, parseDriverVersion } from "./join-nvidia.ts";
import { parseAmdSmi } from "./parse-amd-smi.ts";
import { parseNvidiaSmi } from "./parse-nvidia-smi.ts";
import { parseRocmSmi } from "./parse-rocm-smi.ts";
import { parseSystemProfiler } from "./parse-system-profiler.ts";

const GIB = 1024 ** 3;

test("nvidia-smi's lines give name, memory, compute capability and driver", () => {
  const csv = [
    "GPU-5a3c1c5e-9f0e-4d0a-8a37-0f3c8b1b9e11, NVIDIA GeForce RTX 4090, 24564, 8.9, 580.65.06",
    "GPU-6b3c1c5e-9f0e-4d0a-8a37-0f3c8b1b9e12, Tesla T4, 15360, 7.5, 580.65.06",
    "",
  ].join("\n");
  expect(parseNvidiaSmi(csv)).toMatchObject([
    {
      name: "NVIDIA GeForce RTX 4090",
      vram_bytes: 24_564 * 1024 ** 2,
      compute_capability: "8.9",
      driver: "580.65.06",
    },
    { name: "Tesla T4", vram_bytes: 15 * GIB, compute_capability: "7.5" },
  ]);
});

test("what nvidia-smi cannot tell of a GPU is left out, and a line without a GPU is no GPU", () => {
  expect(parseNvidiaSmi("GPU-1, Old Card, 4096, [N/A], [N/A]\n")).toEqual([
    { uuid: "GPU-1", name: "Old Card", vram_bytes: 4 * GIB },
  ]);
  expect(parseNvidiaSmi("GPU-1, Lost Card, [GPU is lost], [N/A], [N/A]\nNo devices were found\n")).toEqual(
    [],
  );
});

test("rocm-smi's cards give series, memory and driver, whatever the case of its names", () => {
  const json = JSON.stringify({
    card0: {
      "Card Series": "Radeon RX 7900 XTX",
      "Card Model": "0x744c",
      "VRAM Total Memory (B)": "25753026560",
      "VRAM Total Used Memory (B)": "27541504",
    },
    card1: { "Card series": "AMD Instinct MI300X", "VRAM Total Memory (B)": "206141652992" },
    system: { "Driver version": "6.7.0" },
  });
  expect(parseRocmSmi(json)).toEqual([
    { name: "Radeon RX 7900 XTX", vram_bytes: 25_753_026_560, driver: "6.7.0" },
    { name: "AMD Instinct MI300X", vram_bytes: 206_141_652_992, driver: "6.7.0" },
  ]);
});

test("amd-smi's list gives the same, wrapped or not", () => {
  const card = {
    gpu: 0,
    asic: { market_name: "AMD Instinct MI300X", vendor_id: "0x1002" },
    vram: { type: "HBM", vendor: "N/A", size: { value: 196_592, unit: "MB" } },
    driver: { name: "amdgpu", version: "6.12.12" },
  };
  const expected = [{ name: "AMD Instinct MI300X", vram_bytes: 196_592 * 1024 ** 2, driver: "6.12.12" }];
  expect(parseAmdSmi(JSON.stringify([card]))).toEqual(expected);
  expect(parseAmdSmi(JSON.stringify({ gpu_data: [card] }))).toEqual(expected);
});

test("a Mac's own graphics work in three quarters of its memory, another card in its own", () => {
  const json = JSON.stringify({
    SPDisplaysDataType: [
      { _name: "kHW_AppleM2ProItem", sppci_cores: "19", sppci_model: "Apple M2 Pro" },
      { _name: "kHW_AMDRadeonPro5500MItem", sppci_model: "AMD Radeon Pro 5500M", spdisplays_vram: "8 GB" },
    ],
  });
  expect(parseSystemProfiler(json, 32 * GIB)).toEqual([
    { name: "Apple M2 Pro", vram_bytes: 24 * GIB },
    { name: "AMD Radeon Pro 5500M", vram_bytes: 8 * GIB },
  ]);
});

test("cores of a multiprocessor follow the architecture, and one that is not known has none to tell", () => {
  const known = [
    [5, 2],
    [6, 0],
    [6, 1],
    [7, 0],
    [7, 5],
    [8, 0],
    [8, 6],
    [8, 9],
    [9, 0],
    [10, 0],
    [12, 0],
  ] as const;
  expect(known.map(([major, minor]) => coresPerSm(major, minor))).toEqual([
    128, 64, 128, 64, 64, 64, 128, 128, 128, 128, 128,
  ]);
  expect(coresPerSm(99, 0)).toBeNull();
});

test("a driver that no longer tells its memory's clock gives no bandwidth rather than none at all", () => {
  const device = { name: "new", uuid: "GPU-1", vram_bytes: GIB, multiprocessors: 10, major: 99, minor: 0 };
  const told = describeCudaDevice({ ...device, memory_clock_khz: 0, bus_bits: 384 });
  expect(told).toEqual({ name: "new", uuid: "GPU-1", vram_bytes: GIB, compute_capability: "99.0" });
});

test("the driver's version comes from the tool that knows the same GPU, from the kernel otherwise", () => {
  const gpu = { name: "any", vram_bytes: 1, cuda_cores: 128, uuid: "GPU-1" };
  const told = { name: "any", vram_bytes: 1, uuid: "GPU-1", driver: "580.65.06" };
  expect(joinNvidia([gpu], [told], "1.2")).toEqual([{ ...gpu, driver: "580.65.06" }]);
  expect(joinNvidia([gpu], [], "1.2")).toEqual([{ ...gpu, driver: "1.2" }]);
  expect(joinNvidia([], [told], null)).toEqual([told]);
  const line = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024";
  const open = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build";
  expect([line, open, ""].map(parseDriverVersion)).toEqual(["535.183.01", "580.65.06", null]);
});
