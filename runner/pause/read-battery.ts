import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "../hardware/run-tool.ts";

const SUPPLIES = "/sys/class/power_supply";
const ANSWER_MS_MAX = 5_000;
const WINDOWS_QUESTION = "(Get-CimInstance Win32_Battery).BatteryStatus";

/** Whether the machine runs on its battery; null where it does not tell. */
export async function readOnBattery(): Promise<boolean | null> {
  try {
    switch (process.platform) {
      case "linux":
        return await readSupplies(SUPPLIES);
      case "darwin":
        return parsePmset(await ask("pmset", "-g", "batt"));
      case "win32":
        return parseBatteryStatus(await ask("powershell", "-NoProfile", "-Command", WINDOWS_QUESTION));
      default:
        return null;
    }
  } catch {
    return null;
  }
}

async function ask(program: string, ...args: string[]): Promise<string> {
  const output = await runTool(program, args, ANSWER_MS_MAX);
  if ("reason" in output) throw new Error(output.reason);
  return output.stdout;
}

/** Linux tells each supply in a folder of its own (Documentation/ABI/testing/sysfs-class-power). */
export async function readSupplies(dir: string): Promise<boolean | null> {
  const names = await readdir(dir).catch(() => null);
  if (names === null) return null;
  let isDraining = false;
  for (const name of names) {
    const read = (file: string): Promise<string> =>
      readFile(join(dir, name, file), "utf8").then(
        (text) => text.trim(),
        () => "",
      );
    const type = await read("type");
    // What runs a mouse is a battery too, and says that it is that of a device.
    if (type === "Battery" && (await read("scope")) !== "Device" && (await read("status")) === "Discharging")
      isDraining = true;
    if (type !== "Battery" && (await read("online")) === "1") return false;
  }
  return isDraining;
}

/** The first line of `pmset -g batt` names the source, as in `Now drawing from 'AC Power'`. */
export function parsePmset(text: string): boolean | null {
  const source = /drawing from '([^']+)'/.exec(text)?.[1];
  return source === undefined ? null : source === "Battery Power";
}

/** Win32_Battery's BatteryStatus, one line a battery: 1 and 4 to 5 say that it discharges; none where there is no battery. */
export function parseBatteryStatus(text: string): boolean {
  const statuses = text.split("\n").map((line) => line.trim());
  return statuses.some((status) => ["1", "4", "5"].includes(status));
}
