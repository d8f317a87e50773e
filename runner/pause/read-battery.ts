import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { battery } from "systeminformation";

const SUPPLIES = "/sys/class/power_supply";

/** Whether the machine runs on its battery; null where it does not tell. */
export async function readOnBattery(): Promise<boolean | null> {
  if (process.platform === "linux") return readSupplies(SUPPLIES);
  const { hasBattery, acConnected } = await battery();
  return hasBattery && !acConnected;
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
