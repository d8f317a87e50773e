import { LIMITS } from "@infernet/schemas/limits";
import { z } from "zod";
import { closestName } from "./closest-name.ts";

type Issue = z.core.$ZodIssue;

export interface PointedDetail {
  /** JSON pointer (RFC 6901). */
  pointer: string;
  detail: string;
}

/**
 * Zod tells which members are unknown but not which are known; only its error map sees the schema. So the message is
 * made there, one line for each unknown member in the order of `keys`, and `describeIssues` deals the lines out.
 */
z.config({
  customError: (issue) => {
    if (issue.code !== "unrecognized_keys" || !(issue.inst instanceof z.ZodObject)) return undefined;
    const known = Object.keys(issue.inst.shape);
    return (issue.keys ?? []).map((key) => describeUnknownKey(key, known)).join("\n");
  },
});

/** What is wrong where, in words; at most `problem_errors_max` entries. */
export function describeIssues(issues: readonly Issue[]): PointedDetail[] {
  return issues.flatMap((issue) => describeIssue(issue, [])).slice(0, LIMITS.problem_errors_max);
}

const formatPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

function describeUnknownKey(key: string, known: readonly string[]): string {
  const meant = closestName(key, known);
  const advice = meant ? `did you mean ${JSON.stringify(meant)}?` : `known here: ${known.join(", ")}`;
  return `${JSON.stringify(key)} is not a known member; ${advice}`;
}

function describeIssue(issue: Issue, prefix: readonly PropertyKey[]): PointedDetail[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const lines = issue.message.split("\n");
    return issue.keys.map((key, i) => ({
      pointer: formatPointer([...path, key]),
      detail: lines[i] ?? `${JSON.stringify(key)} is not a known member`,
    }));
  }
  if (issue.code === "invalid_union") {
    const branch = nearestBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => describeIssue(inner, path));
  }
  return [{ pointer: formatPointer(path), detail: issue.message }];
}

/** Of a union's alternatives the one that the value fails least; null when it is not even of the right kind. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const entered = branches.filter(
    (issues) => !issues.some((i) => i.path.length === 0 && i.code === "invalid_type"),
  );
  return [...entered].sort((a, b) => a.length - b.length)[0] ?? null;
}
