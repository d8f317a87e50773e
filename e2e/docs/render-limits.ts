import { LIMITS } from "@infernet/schemas/limits";

/**
 * `docs/limits.md` from the limits and the comments beside them.
 *
 * @param source the text of schemas/limits.ts
 */
export function renderLimits(source: string): string {
  const comments = readComments(source);
  const rows = Object.entries(LIMITS).map(
    ([name, value]) => `| \`${name}\` | ${value.toLocaleString("en")} | ${comments.get(name) ?? ""} |`,
  );
  return [
    "# Limits",
    "",
    "Every bound of the network, generated from `schemas/limits.ts` by `npm run docs`. The unit stands last in the name.",
    "",
    "| limit | value | what it bounds |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function readComments(source: string): Map<string, string> {
  const comments = new Map<string, string>();
  for (const [, comment, name] of source.matchAll(/\/\*\* ([^*]*(?:\*(?!\/)[^*]*)*) \*\/\s+(\w+):/g)) {
    if (comment !== undefined && name !== undefined) comments.set(name, comment);
  }
  return comments;
}
