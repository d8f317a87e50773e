import type { Earnings, EarningView } from "@infernet/schemas/earning";
import { renderCsvRecord } from "./csv.ts";

const COLUMNS = [
  "job_id",
  "unit",
  "escrow",
  "shards",
  "checks",
  "earned_micro",
  "state",
  "earned_at",
  "held_until",
  "payout",
  "reference",
] as const satisfies readonly (keyof EarningView)[];

/** Every job as CSV (RFC 4180), headed by the names of its fields; as the pages come. */
export async function* renderEarningsCsv(pages: AsyncIterable<Earnings>): AsyncGenerator<string> {
  let head = renderCsvRecord(COLUMNS);
  for await (const { data } of pages) {
    yield head + data.map((job) => renderCsvRecord(COLUMNS.map((column) => job[column]))).join("");
    head = "";
  }
}
