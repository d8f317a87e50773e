import { loadSettings, requireEdge } from "../config/load-settings.ts";

export interface EdgeFlags {
  edge?: string | undefined;
  home: string;
  config?: string | undefined;
}

/** The edge that a command asks: the flag's, or the one in the settings. Throws `RunnerError` when none is set. */
export async function edgeOf({ edge, home, config }: EdgeFlags): Promise<string> {
  if (edge !== undefined) return edge;
  return requireEdge(await loadSettings({ home, config, env: process.env }));
}
