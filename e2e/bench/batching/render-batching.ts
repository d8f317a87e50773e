import { formatNumber } from "../format-number.ts";
import { renderTable } from "../render-table.ts";
import type { BatchingReport } from "./bench-batching.ts";

export function renderBatching({ completions, positions, sandbox, settings }: BatchingReport): string {
  const table = renderTable(
    [
      "temperature",
      "one after the other, tokens/s",
      "together, tokens/s",
      "ratio (min-max)",
      "check / alone",
      "check / together",
    ],
    settings.map((one) => [
      String(one.temperature),
      formatNumber(one.alone_tokens_per_s),
      formatNumber(one.together_tokens_per_s),
      `${one.ratio.toFixed(2)} (${one.ratio_min.toFixed(2)}-${one.ratio_max.toFixed(2)})`,
      `${(one.score_of_alone * 100).toFixed(1)} %`,
      `${(one.score_of_together * 100).toFixed(1)} %`,
    ]),
  );
  return `${table}

  ${completions} completions of ${positions} tokens, one engine thread, sandbox '${sandbox}', by turns; medians. A check computes a completion in one pass; of its time and the others' that in ONNX Runtime.`;
}
