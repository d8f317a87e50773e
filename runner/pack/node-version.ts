/** The oldest Node that the published package runs on; `engines` says so too, but npx does not hold anyone to it. */
export const NODE_MAJOR_MIN = 20;

/** What to tell a person whose Node is too old; null when it is not. */
export function explainOldNode(version: string): string | null {
  if (Number.parseInt(version, 10) >= NODE_MAJOR_MIN) return null;
  return `infernet-runner needs Node ${NODE_MAJOR_MIN} or newer; this is ${version}. Install one from https://nodejs.org.`;
}
