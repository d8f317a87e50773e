import { loadSettings } from "../config/load-settings.ts";
import type { Patient } from "./check.ts";

/** The edge of the flag or of the settings; null where neither names one that can be read. */
export async function edgeOfPatient({
  edge,
  home,
  config,
}: Omit<Patient, "askNetwork">): Promise<string | null> {
  if (edge !== undefined) return edge;
  const settings = await loadSettings({ home, config, env: process.env }).catch(() => null);
  return settings?.values.edge ?? null;
}
