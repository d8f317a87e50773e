import type { RunnerId } from "@infernet/schemas/ids";
import type { TaskRole } from "@infernet/schemas/verification";
import type { Draft } from "./draft.ts";
import type { ShardProgress } from "./job-progress.ts";

/**
 * A check that agreed speaks for whoever was tested by it: an audit for the answer's maker, a probe or a plant for the
 * one that got it. `sign` -1 takes it back.
 */
export function creditCheck(
  draft: Draft,
  { answer }: Pick<ShardProgress, "answer">,
  checker: RunnerId,
  role: TaskRole,
  rows: number,
  sign: 1 | -1,
): void {
  const tested = role === "audit" ? answer?.runner : checker;
  if (tested !== undefined) draft.bump(tested, { audits_passed: sign, rows_audited: sign * rows });
}
