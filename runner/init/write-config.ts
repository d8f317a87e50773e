import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { configError } from "../config/config-error.ts";
import { parseText, type SettingFlags } from "../config/load-settings.ts";
import { parseConfig } from "../config/parse-config.ts";
import { renderTemplate } from "../config/render-template.ts";
import { setInToml } from "../config/set-in-toml.ts";
import { fromText } from "../config/setting.ts";
import { SETTING_KEYS, settingOf } from "../config/settings.ts";
import { RunnerError } from "../runner-error.ts";

export type Written = "written" | "changed" | "unchanged";

/**
 * Sets these settings in the file, made from a template where there is none; what else stands in it stays. Throws
 * `RunnerError` for a value that cannot be used, and for a file that is written in a way that it cannot change.
 */
export async function writeConfig(file: string, settings: SettingFlags): Promise<Written> {
  const before = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new RunnerError("home_unusable", `cannot read ${file}: ${String(error)}`, { cause: error });
  });
  const after = change(before ?? renderTemplate(), settings, file);
  if (after === before) {
    await chmod(file, 0o600);
    return "unchanged";
  }
  await replace(file, after);
  return before === null ? "written" : "changed";
}

function change(text: string, settings: SettingFlags, file: string): string {
  const kept = parseConfig(text, file).values;
  const wanted: Record<string, unknown> = { ...kept };
  let changed = text;
  for (const key of SETTING_KEYS) {
    const given = settings[key];
    if (given === undefined) continue;
    wanted[key] = parseText(key, given, key);
    // What is set as it should be may be written in its owner's own way.
    if (JSON.stringify(kept[key]) === JSON.stringify(wanted[key])) continue;
    changed = setInToml(changed, key, asToml(settingOf(key).kind, given));
  }
  if (JSON.stringify(sorted(readBack(changed, file))) === JSON.stringify(sorted(wanted))) return changed;
  throw configError(file, "it is written in a way that init cannot change; set it there by hand");
}

type TomlValue = string | number | boolean | string[];

function asToml(kind: Parameters<typeof fromText>[0], given: string | boolean): TomlValue {
  if (typeof given === "boolean") return given;
  const value = fromText(kind, given);
  return Array.isArray(value)
    ? value.map(String)
    : typeof value === "number" || typeof value === "boolean"
      ? value
      : given;
}

function readBack(text: string, file: string): Record<string, unknown> {
  try {
    return parseConfig(text, file).values;
  } catch {
    return {};
  }
}

const sorted = (values: Record<string, unknown>): [string, unknown][] =>
  Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Written beside and put in place, so that no crash leaves half a file under the name. */
async function replace(file: string, text: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(part, text, { mode: 0o600 });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw new RunnerError("home_unusable", `cannot write ${file}: ${String(error)}`, { cause: error });
  }
}
