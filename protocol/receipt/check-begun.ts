import { grantOf } from "@infernet/schemas/ids";
import type { Begun } from "@infernet/schemas/job-fact";
import { TOKEN_UNITS } from "@infernet/schemas/llm/token-units";
import type { JobProgress } from "../job-progress.ts";
import type { CheckContext } from "./check-context.ts";

/**
 * Whether those who are paid for a completion that others finished, or nobody did, had its shard, and are paid for positions
 * that nobody else is paid for. How many tokens a prompt has is the aggregator's word, within the quote.
 *
 * @param finisher the lease that the answer came under; null where there is none
 */
export function checkBegun(
  { findings }: CheckContext,
  before: JobProgress,
  begun: readonly Begun[],
  finisher: string | null,
): void {
  const ends = new Map<number, number>();
  for (const part of begun) {
    const { shard, start, positions } = part;
    const follows = start >= (ends.get(shard) ?? 0);
    ends.set(shard, start + positions);
    if (!follows || part.lease_id === finisher || !isHeld(before, part) || !isPriced(part))
      findings.add(
        "begun_wrong",
        `shard ${shard}, ${part.lease_id}, positions ${start} to ${start + positions}`,
      );
  }
}

/** Whether the runner was given the shard to complete, under this lease. */
function isHeld({ grants, seq }: JobProgress, { lease_id, runner, shard }: Begun): boolean {
  const { grant: name, n } = grantOf(lease_id);
  const grant = grants.find(name, seq);
  const task = grant?.tasks[n];
  return grant?.runner === runner && task?.shard === shard && task.role === "compute";
}

const isPriced = ({ start, positions, units }: Begun): boolean =>
  start === 0 || units <= positions * TOKEN_UNITS.completion;
