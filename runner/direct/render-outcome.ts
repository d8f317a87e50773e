import { renderTensorJson } from "@infernet/schemas/tensor-json";
import type { DirectOutcome, DirectStage } from "../p2p/jobs/run-direct.ts";

/** What is going on, for a person who waits. */
export function renderStage(stage: DirectStage): string {
  switch (stage.at) {
    case "finding":
      return "looking for peers that have the model";
    case "asking":
      return `asking ${stage.provider}`;
    case "next":
      return `${stage.provider} does not: ${stage.why}`;
    default:
      return stage satisfies never;
  }
}

/** What came of it, in three lines. */
export function renderOutcome({ provider, receipt: { receipt }, receipt_path }: DirectOutcome): string {
  const { offer, execution_class, compute_ms, accepted_ms, finished_ms, price_micro, paid } = receipt;
  const rows = offer.rows === 1 ? "1 row" : `${offer.rows} rows`;
  const cost =
    paid.kind === "free"
      ? "nothing"
      : `${price_micro} micro-units, by a voucher that allows ${paid.limit_micro} in all on ${paid.escrow}`;
  return [
    `${rows} by ${provider} in ${finished_ms - accepted_ms} ms (${compute_ms.toFixed(1)} in its engine, ${execution_class}); nobody has checked them`,
    `cost     ${cost}`,
    `receipt  ${receipt_path}`,
    "",
  ].join("\n");
}

/** The same for programs, with the rows. Throws InfernetError `not_acceptable` for BYTES that are no UTF-8. */
export const renderOutcomeJson = ({ provider, outputs, receipt, receipt_path }: DirectOutcome) => ({
  provider,
  price_micro: receipt.receipt.price_micro,
  execution_class: receipt.receipt.execution_class,
  compute_ms: receipt.receipt.compute_ms,
  receipt: receipt_path,
  tensors: outputs.map(renderTensorJson),
});
