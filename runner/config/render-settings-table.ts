import { splitKey } from "./parse-config.ts";
import { renderStandard } from "./render-template.ts";
import { environmentName, SETTING_KEYS, settingOf } from "./settings.ts";

/** Every setting as a table in Markdown. */
export function renderSettingsTable(): string {
  const rows = SETTING_KEYS.map((key) => {
    const { flag, about } = settingOf(key);
    const { table, name } = splitKey(key);
    const written = table === null ? `\`${name}\`` : `\`${name}\` in \`[${table}]\``;
    const given = flag === undefined ? "" : `\`${flag}\``;
    return `| ${written} | ${given} | \`${environmentName(key)}\` | ${renderStandard(key) ?? "none"} | ${about} |`;
  });
  return ["| in the file | flag | environment | default | |", "|---|---|---|---|---|", ...rows, ""].join(
    "\n",
  );
}
