import { type Command, Option } from "commander";
import type { SettingFlags } from "../config/load-settings.ts";
import { renderStandard } from "../config/render-template.ts";
import { SETTING_KEYS, type SettingKey, settingOf } from "../config/settings.ts";

/** Gives a command a flag for each of these settings that has one; what it says is read with `settingFlags`. */
export function addSettingOptions(command: Command, keys: readonly SettingKey[] = SETTING_KEYS): Command {
  for (const key of keys) {
    const option = optionOf(key);
    if (option !== null) command.addOption(option);
  }
  return command;
}

/** What the command line said about the settings. */
export function settingFlags(options: Readonly<Record<string, unknown>>): SettingFlags {
  const flags: SettingFlags = {};
  for (const key of SETTING_KEYS) {
    const option = optionOf(key);
    const given = option === null ? undefined : options[option.attributeName()];
    // Commander says `true` of a `--no-...` that was not given.
    if (option?.negate && given === true) continue;
    if (typeof given === "string" || typeof given === "boolean") flags[key] = given;
  }
  return flags;
}

function optionOf(key: SettingKey): Option | null {
  const { flag, about } = settingOf(key);
  if (flag === undefined) return null;
  const text = `${about.charAt(0).toLowerCase()}${about.slice(1).replace(/\.$/, "")}`;
  if (flag.startsWith("--no-")) return new Option(flag, `switch this off: ${text}`);
  const standard = renderStandard(key);
  const note = standard === null || standard === "false" ? "" : ` (default: ${standard})`;
  return new Option(flag, `${text}${note}`);
}
