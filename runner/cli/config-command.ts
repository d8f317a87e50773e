import type { Command } from "commander";
import { type LoadedSettings, loadSettings, type SettingSource } from "../config/load-settings.ts";
import { environmentName, SETTING_KEYS, type SettingKey } from "../config/settings.ts";
import { suggestName } from "../config/suggest-name.ts";
import { renderTable } from "../earnings/render-table.ts";
import { addExamples, configOption, homeOption, jsonOption } from "./common-options.ts";
import { createErrorLog, reporting } from "./reporting.ts";

interface ConfigFlags {
  home: string;
  config?: string;
  json?: boolean;
}

/** Variables that are no settings. */
const OTHER_VARIABLES = ["INFERNET_HOME", "INFERNET_CONFIG"];

/** `infernet-runner config show`: what is set, and where. */
export function addConfigCommand(program: Command): void {
  const config = program.command("config").description("look at the settings of this machine");
  const show = config
    .command("show")
    .description("tell every setting, its value and where that comes from")
    .addOption(homeOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((flags: ConfigFlags) => reporting(createErrorLog(), () => showConfig(flags)));
  addExamples(show, "infernet-runner config show");
  addExamples(config, "infernet-runner config show --json");
}

async function showConfig({ home, config, json }: ConfigFlags): Promise<void> {
  const loaded = await loadSettings({ home, config, env: process.env });
  const warnings = listUnknownVariables(process.env);
  process.stdout.write(json ? renderJson(loaded, warnings) : renderText(loaded, warnings));
}

function renderText(loaded: LoadedSettings, warnings: readonly string[]): string {
  const rows = SETTING_KEYS.map((key) => [key, renderValue(loaded, key), renderSource(loaded.sources[key])]);
  const lines = renderTable(rows, []);
  const head = loaded.hasFile
    ? loaded.file
    : `${loaded.file} (there is none: \`infernet-runner init\` writes it)`;
  return [head, "", ...lines, ...warnings.map((warning) => `\n${warning}`), ""].join("\n");
}

function renderJson({ values, sources, file, hasFile }: LoadedSettings, warnings: readonly string[]): string {
  const settings = Object.fromEntries(
    SETTING_KEYS.map((key) => [key, { value: values[key] ?? null, ...sources[key] }]),
  );
  return `${JSON.stringify({ file, exists: hasFile, settings, warnings }, null, 2)}\n`;
}

function renderValue({ values }: LoadedSettings, key: SettingKey): string {
  const value: unknown = values[key];
  if (value === undefined) return "-";
  if (key === "pause.schedule") return values[key].map(({ text }) => text).join(", ") || "-";
  return String(value);
}

function renderSource(source: SettingSource): string {
  switch (source.from) {
    case "default":
      return "default";
    case "file":
      return source.line === null ? "file" : `file, line ${source.line}`;
    default:
      return source.name;
  }
}

/** A variable that was meant to be a setting and is none would otherwise be passed over in silence. */
function listUnknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = [...SETTING_KEYS.map(environmentName), ...OTHER_VARIABLES];
  return Object.keys(env)
    .filter((name) => name.startsWith("INFERNET_") && !known.includes(name))
    .map((name) => {
      const near = suggestName(name, known);
      return `The variable ${name} is no setting${near === null ? "." : `: did you mean ${near}?`}`;
    });
}
