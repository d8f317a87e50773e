import { parse, TomlError } from "smol-toml";
import { z } from "zod";
import { configError } from "./config-error.ts";
import { findLine } from "./find-line.ts";
import { SETTING_KEYS, type SettingKey, type Settings, settingOf } from "./settings.ts";
import { suggestName } from "./suggest-name.ts";

export interface ConfigFile {
  values: Partial<Settings>;
  lines: ReadonlyMap<SettingKey, number | null>;
}

/** Table and name of a setting; settings of no table stand at the top of the file. */
export function splitKey(key: SettingKey): { table: string | null; name: string } {
  const [table = "", name] = key.split(".");
  return name === undefined ? { table: null, name: table } : { table, name };
}

const FILE = z.strictObject(shapeOf());

/** Reads `config.toml`. Throws `RunnerError`, with the line, for what is not TOML, not known or not usable. */
export function parseConfig(text: string, file: string): ConfigFile {
  const raw = parseToml(text, file);
  const parsed = FILE.safeParse(raw);
  if (!parsed.success) throw explain(parsed.error.issues, text, file);
  const values: Record<string, unknown> = {};
  const lines = new Map<SettingKey, number | null>();
  for (const key of SETTING_KEYS) {
    const { table, name } = splitKey(key);
    const holder: unknown = table === null ? parsed.data : parsed.data[table];
    const value = z.record(z.string(), z.unknown()).safeParse(holder).data?.[name];
    if (value === undefined) continue;
    values[key] = value;
    lines.set(key, findLine(text, table, name));
  }
  return { values: values as Partial<Settings>, lines };
}

/** A strict object for the file, and one for each table in it. */
function shapeOf(): Record<string, z.ZodType> {
  const shape: Record<string, z.ZodType> = {};
  const tables = new Map<string, Record<string, z.ZodType>>();
  for (const key of SETTING_KEYS) {
    const { table, name } = splitKey(key);
    const schema = settingOf(key).schema.optional();
    if (table === null) shape[name] = schema;
    else tables.set(table, { ...tables.get(table), [name]: schema });
  }
  for (const [table, settings] of tables) shape[table] = z.strictObject(settings).optional();
  return shape;
}

function parseToml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ""] = error.message.split("\n");
    throw configError(`${file}, line ${error.line}`, what.replace("Invalid TOML document: ", "not TOML: "));
  }
}

function explain(issues: readonly z.core.$ZodIssue[], text: string, file: string) {
  const [issue] = issues;
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === "unrecognized_keys") {
    const [unknown = ""] = issue.keys;
    const table = path[0] ?? null;
    const line = findLine(text, table, unknown) ?? findLine(text, unknown, null);
    return configError(at(file, line), `unknown ${nameUnknown(table, unknown)}${didYouMean(table, unknown)}`);
  }
  const [first = "", second] = path;
  const isTable = SETTING_KEYS.some((key) => splitKey(key).table === first);
  const inTable = isTable ? findLine(text, first, second ?? null) : null;
  const line = inTable ?? findLine(text, null, first);
  const key = isTable && second !== undefined ? `${first}.${second}` : first;
  const rule = isTable && second === undefined ? `must be a table, as in [${first}]` : issue?.message;
  return configError(at(file, line), `${key} ${rule}`);
}

const nameUnknown = (table: string | null, name: string): string =>
  table === null ? `setting '${name}'` : `setting '${name}' in [${table}]`;

/** Looks among the table's own settings first, then among all: a setting may have been put in the wrong table. */
function didYouMean(table: string | null, unknown: string): string {
  const split = SETTING_KEYS.map(splitKey);
  const names = split.filter((known) => known.table === table).map(({ name }) => name);
  const tables = table === null ? split.flatMap((known) => known.table ?? []) : [];
  const near = suggestName(unknown, [...names, ...tables]);
  if (near !== null) return `: did you mean '${near}'?`;
  const elsewhere = split.find(
    ({ name }) =>
      name ===
      suggestName(
        unknown,
        split.map((known) => known.name),
      ),
  );
  if (elsewhere === undefined) return "";
  const where = elsewhere.table === null ? "above the first table" : `in [${elsewhere.table}]`;
  return `: did you mean '${elsewhere.name}' ${where}?`;
}

const at = (file: string, line: number | null): string => (line === null ? file : `${file}, line ${line}`);
