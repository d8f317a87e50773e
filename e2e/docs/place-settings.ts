import { renderSettingsTable } from "infernet-runner/config/render-settings-table";

const PLACE = /(<!-- settings: [^\n]*-->\n)[\s\S]*?(<!-- \/settings -->)/;

/** The runner's README with the table of all settings in its place. */
export const placeSettings = (readme: string): string =>
  readme.replace(PLACE, (_, open: string, close: string) => `${open}${renderSettingsTable()}${close}`);
