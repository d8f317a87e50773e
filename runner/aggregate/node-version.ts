/** Of Node 22, the first with all of `node:sqlite` and `module.registerHooks` that an aggregator stands on; 24 has them too. */
const NODE_MIN = [22, 16] as const;
/** The same of the releases between them. */
const NODE_CURRENT_MIN = [24, 0] as const;

/** What to tell a person whose Node runs runners, but no aggregator; null when it does. */
export function explainOldSqlite(version: string): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major >= NODE_CURRENT_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return null;
  return `an aggregator needs Node ${NODE_MIN.join(".")} of the 22 line, or 24 and newer; this is ${version}`;
}
