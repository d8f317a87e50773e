import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { z } from "zod";
import { RunnerError } from "../runner-error.ts";
import { configError } from "./config-error.ts";
import { type ConfigFile, parseConfig } from "./parse-config.ts";
import { fromText } from "./setting.ts";
import { environmentName, SETTING_KEYS, type SettingKey, type Settings, settingOf } from "./settings.ts";

/** What the command line said, as text; `true` for a flag that stands alone. */
export type SettingFlags = Partial<Record<SettingKey, string | boolean>>;

export interface SettingsRequest {
  home: string;
  /** Instead of `config.toml` in the home; this one must exist. */
  config?: string | undefined;
  /** Whether it need not exist all the same. */
  mayMiss?: boolean;
  flags?: SettingFlags;
  env: Readonly<Record<string, string | undefined>>;
}

export type SettingSource =
  | { from: "flag"; name: string }
  | { from: "environment"; name: string }
  | { from: "file"; name: string; line: number | null }
  | { from: "default" };

export interface LoadedSettings {
  values: Settings;
  sources: Record<SettingKey, SettingSource>;
  /** Where the file lies, or would. */
  file: string;
  hasFile: boolean;
}

const configPath = (home: string, config?: string): string =>
  config === undefined ? join(resolve(home), "config.toml") : resolve(config);

/** Flags before environment before file before default. Throws `RunnerError` naming what cannot be used, and where it stands. */
export async function loadSettings({
  home,
  config,
  mayMiss = false,
  flags = {},
  env,
}: SettingsRequest): Promise<LoadedSettings> {
  const file = configPath(home, config);
  const text = await readConfig(file, config !== undefined && !mayMiss);
  const fromFile: ConfigFile = text === null ? { values: {}, lines: new Map() } : parseConfig(text, file);
  const values: Partial<Record<SettingKey, unknown>> = {};
  const sources: Partial<Record<SettingKey, SettingSource>> = {};
  for (const key of SETTING_KEYS) {
    const found = find(key, flags, env, fromFile, file);
    values[key] = found.value;
    sources[key] = found.source;
  }
  return {
    values: values as Settings,
    sources: sources as LoadedSettings["sources"],
    file,
    hasFile: text !== null,
  };
}

function find(
  key: SettingKey,
  flags: SettingFlags,
  env: SettingsRequest["env"],
  fromFile: ConfigFile,
  file: string,
): { value: unknown; source: SettingSource } {
  const flag = flags[key];
  if (flag !== undefined) {
    const name = flagName(key);
    return { value: parseText(key, flag, name), source: { from: "flag", name } };
  }
  const name = environmentName(key);
  const variable = env[name];
  if (variable !== undefined && variable !== "") {
    return { value: parseText(key, variable, name), source: { from: "environment", name } };
  }
  if (fromFile.lines.has(key)) {
    const line = fromFile.lines.get(key) ?? null;
    return { value: fromFile.values[key], source: { from: "file", name: file, line } };
  }
  return { value: settingOf(key).standard, source: { from: "default" } };
}

const flagName = (key: SettingKey): string => settingOf(key).flag?.split(" ")[0] ?? key;

/** Throws `RunnerError` with the name of the flag or variable. */
export function parseText(key: SettingKey, given: string | boolean, name: string): unknown {
  const { kind, schema } = settingOf(key);
  const parsed = schema.safeParse(typeof given === "string" ? fromText(kind, given) : given);
  if (parsed.success) return parsed.data;
  throw configError(name, firstMessage(parsed.error));
}

const firstMessage = (error: z.ZodError): string => error.issues[0]?.message ?? "is not usable";

async function readConfig(file: string, isNamed: boolean): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      if (!isNamed) return null;
      throw new RunnerError("config_missing", `there is no file ${file}`, { cause: error });
    }
    throw new RunnerError("home_unusable", `cannot read ${file}: ${String(error)}`, { cause: error });
  }
}

/** The edge that is set. Throws `RunnerError` when none is. */
export function requireEdge({ values, file }: LoadedSettings): string {
  if (values.edge !== undefined) return values.edge;
  throw new RunnerError("edge_unset", `no edge is set: ${file} has none, and no --edge is given`);
}
