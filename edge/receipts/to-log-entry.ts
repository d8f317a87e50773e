import type { StoredFact } from "@infernet/db/aggregator/facts";
import { LogEntry } from "@infernet/schemas/receipt";

/**
 * A stored fact as it goes into a receipt: what a runner said of its failure may have been cut in the middle of a
 * character, which has no canonical form.
 */
export function toLogEntry(entry: StoredFact): LogEntry {
  switch (entry.fact.kind) {
    case "returned":
    case "failed":
    case "expired":
      return LogEntry.parse(JSON.parse(JSON.stringify(entry), toWellFormed));
    default:
      return entry;
  }
}

const toWellFormed = (_: string, value: unknown): unknown =>
  typeof value === "string" ? value.toWellFormed() : value;
