import { z } from "zod";
import type { FoundGpu } from "./found-gpu.ts";

export const ROCM_SMI_ARGS = [
  "--showproductname",
  "--showmeminfo",
  "vram",
  "--showdriverversion",
  "--json",
] as const;

const Report = z.record(z.string(), z.record(z.string(), z.string()));

/** One member a card, `card0` and on, and `system`. The names of members have changed their case between releases. */
export function parseRocmSmi(json: string): FoundGpu[] {
  const report = Report.parse(JSON.parse(json));
  const driver = report.system?.["Driver version"];
  return Object.entries(report).flatMap(([card, told]) => {
    if (!/^card\d+$/.test(card)) return [];
    const of = (name: string): string | undefined =>
      Object.entries(told).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
    const bytes = Number(of("VRAM Total Memory (B)"));
    if (!Number.isSafeInteger(bytes) || bytes <= 0) return [];
    const name = of("Card Series") ?? of("Card Model") ?? "AMD GPU";
    return [
      { name: name.slice(0, 128), vram_bytes: bytes, ...(driver ? { driver: driver.slice(0, 64) } : {}) },
    ];
  });
}
