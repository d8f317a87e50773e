import type { StoredBatch } from "@infernet/db/account/batches";
import type { Batch, BatchStatus } from "@infernet/schemas/batch";
import type { JobId } from "@infernet/schemas/ids";
import { Unit } from "@infernet/schemas/ledger";

const CREDIT = Unit.parse("credit");

export function renderBatch({ record, state }: StoredBatch, job_ids: JobId[]): Batch {
  const at = (status: BatchStatus): number | null => secondsOf(state.began[status]);
  const { input_tokens, cached_tokens, output_tokens } = state.usage;
  return {
    id: record.id,
    object: "batch",
    endpoint: record.endpoint,
    status: state.status,
    errors: state.errors.length === 0 ? null : { object: "list", data: state.errors },
    input_file_id: record.input_file_id,
    completion_window: "24h",
    output_file_id: state.output_file_id,
    error_file_id: state.error_file_id,
    created_at: Math.floor(record.created_ms / 1_000),
    in_progress_at: at("in_progress"),
    expires_at: Math.floor(record.expires_ms / 1_000),
    finalizing_at: at("finalizing"),
    completed_at: at("completed"),
    failed_at: at("failed"),
    expired_at: at("expired"),
    cancelling_at: at("cancelling"),
    cancelled_at: at("cancelled"),
    request_counts: { total: state.total ?? 0, completed: state.completed, failed: state.failed },
    usage: {
      input_tokens,
      input_tokens_details: { cached_tokens },
      output_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input_tokens + output_tokens,
    },
    metadata: record.metadata,
    infernet: { job_ids, cost: { unit: CREDIT, charged_micro: state.charged_micro } },
  };
}

const secondsOf = (unix_ms: number | undefined): number | null =>
  unix_ms === undefined ? null : Math.floor(unix_ms / 1_000);
