import { splitKey } from "./parse-config.ts";
import { environmentName, SETTING_KEYS, type SettingKey, settingOf } from "./settings.ts";

const WIDTH = 100;

/** A `config.toml` that sets nothing and explains everything: each setting is a comment with an example. */
export function renderTemplate(): string {
  const lines = [
    "# Settings of infernet-runner on this machine, read at every start. Flags go before the environment",
    `# (${environmentName("edge")}, ${environmentName("limits.cores")}, ...), and that before this file.`,
  ];
  let current: string | null = null;
  for (const key of SETTING_KEYS) {
    const { table, name } = splitKey(key);
    if (table !== current) lines.push("", `[${table}]`);
    current = table;
    lines.push("", ...comment(explain(key)), `# ${name} = ${settingOf(key).example}`);
  }
  return `${lines.join("\n")}\n`;
}

function explain(key: SettingKey): string {
  const standard = renderStandard(key);
  return `${settingOf(key).about}${standard === null ? "" : ` Default: ${standard}.`}`;
}

/** The default, for a person; null when nothing is set then. */
export function renderStandard(key: SettingKey): string | null {
  const { standard, standard_text } = settingOf(key);
  if (standard_text !== undefined) return standard_text;
  return standard === undefined ? null : JSON.stringify(standard);
}

function comment(text: string): string[] {
  const lines: string[] = [];
  let line = "#";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "#";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
