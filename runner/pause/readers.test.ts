import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseBatteryStatus, parsePmset, readSupplies } from "./read-battery.ts";
import { othersShare, readCpuTimes } from "./read-cpu.ts";
import { readCards } from "./read-gpu.ts";

/** Uses a core until it has had this much of it. */
const USE_MS = 400;
const BURN = `while (process.cpuUsage().user < ${USE_MS * 1_000}) {}`;

describe("a machine tells", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "infernet-readers-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const put = async (path: string, content: string): Promise<void> => {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), `${content}\n`);
  };

  it("whether it runs on its battery", async () => {
    expect(await readSupplies(join(folder, "none"))).toBeNull();
    expect(await readSupplies(folder)).toBe(false);
    await put("BAT0/type", "Battery");
    await put("BAT0/status", "Discharging");
    expect(await readSupplies(folder)).toBe(true);
    await put("AC/type", "Mains");
    await put("AC/online", "0");
    expect(await readSupplies(folder)).toBe(true);
    await put("AC/online", "1");
    expect(await readSupplies(folder)).toBe(false);
  });

  it("nothing about itself by the battery of its mouse", async () => {
    await put("hidpp_battery_0/type", "Battery");
    await put("hidpp_battery_0/scope", "Device");
    await put("hidpp_battery_0/status", "Discharging");
    expect(await readSupplies(folder)).toBe(false);
  });

  it("whether it runs on its battery by the words of macOS and the numbers of Windows", () => {
    expect(parsePmset("Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t87%; discharging")).toBe(
      true,
    );
    expect(parsePmset("Now drawing from 'AC Power'\n")).toBe(false);
    expect(parsePmset("")).toBeNull();
    expect(parseBatteryStatus("1\r\n")).toBe(true);
    expect(parseBatteryStatus("2\r\n")).toBe(false);
    expect(parseBatteryStatus("")).toBe(false);
  });

  it("how busy its cards are, where their driver does", async () => {
    expect(await readCards(folder)).toEqual([]);
    await put("card0/device/gpu_busy_percent", "37");
    await put("card0-DP-1/device/gpu_busy_percent", "99");
    await mkdir(join(folder, "card1", "device"), { recursive: true });
    expect(await readCards(folder)).toEqual([0.37]);
  });

  it.skipIf(process.platform !== "linux")("what the runner's own children took of its cores", async () => {
    const before = await readCpuTimes(true);
    await once(spawn(process.execPath, ["-e", BURN], { stdio: "ignore" }), "close");
    const after = await readCpuTimes(true);
    if (before === null || after === null) throw new Error("Linux tells");
    expect(after.own - before.own).toBeGreaterThanOrEqual(USE_MS);
  });

  it.skipIf(process.platform !== "linux")("what others took of them, and not as its own", async () => {
    const before = await readCpuTimes(true);
    // The shell ends at once, and what it has started is nobody's child here: it tells when it is done.
    const shell = spawn("sh", ["-c", `"${process.execPath}" -e "${BURN}" &`], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await text(shell.stdout);
    const after = await readCpuTimes(true);
    if (before === null || after === null) throw new Error("Linux tells");
    expect(after.busy - before.busy - (after.own - before.own)).toBeGreaterThan(USE_MS / 2);
    expect(othersShare(before, after)).toBeGreaterThan(0);
  });

  it("no share between two readings at one time, and none above all or below nothing", () => {
    const times = { total: 100, busy: 50, own: 10 };
    expect(othersShare(times, times)).toBeNull();
    expect(othersShare(times, { total: 200, busy: 60, own: 90 })).toBe(0);
    expect(othersShare(times, { total: 200, busy: 130, own: 10 })).toBe(0.8);
  });
});
