import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { median, quantile } from "../quantile.ts";
import { renderTable } from "../render-table.ts";
import { type AddedTimes, measureAdded } from "./measure-added.ts";
import { measureContact, NEIGHBOURS, openNeighbours } from "./measure-contact.ts";
import { openProvider } from "./open-provider.ts";

const ROWS = [1, 16, 256] as const;

interface Added {
  rows: number;
  pairs: number;
  local_p50_ms: number;
  direct_p50_ms: number;
  /** Of the differences of pairs. */
  added_p50_ms: number;
  added_p95_ms: number;
}

export interface DirectReport {
  added: Added[];
  contact: { rounds: number; p50_ms: number; p95_ms: number };
}

/** What a direct job adds to the engine's own time on a connection that stands, and how long the first one takes. */
export async function benchDirect(context: BenchContext): Promise<BenchResult> {
  const { cleanup, say } = context;
  say(`${NEIGHBOURS} peers, and a provider with glyphs on one thread`);
  const bootstrap = await openNeighbours(context);
  const provider = await openProvider(context, bootstrap);
  const added: Added[] = [];
  for (const rows of ROWS) {
    say(`jobs of ${rows} rows: the engine alone and a direct job by turns`);
    added.push(summarize(await measureAdded(context, provider, rows)));
  }
  say("clients that know nobody but one peer");
  const contact = await measureContact(context, provider, bootstrap);
  await cleanup.run();
  const report: DirectReport = {
    added,
    contact: { rounds: contact.length, p50_ms: median(contact), p95_ms: quantile(contact, 0.95) },
  };
  return { report, text: render(report) };
}

function summarize({ rows, local_ms, direct_ms }: AddedTimes): Added {
  const differences = direct_ms.map((ms, pair) => ms - (local_ms[pair] ?? 0));
  return {
    rows,
    pairs: differences.length,
    local_p50_ms: median(local_ms),
    direct_p50_ms: median(direct_ms),
    added_p50_ms: median(differences),
    added_p95_ms: quantile(differences, 0.95),
  };
}

function render({ added, contact }: DirectReport): string {
  const table = renderTable(
    ["rows of glyphs", "engine alone, ms", "direct job, ms", "added p50, ms", "added p95, ms"],
    added.map(({ rows, ...times }) => [
      String(rows),
      formatNumber(times.local_p50_ms),
      formatNumber(times.direct_p50_ms),
      formatNumber(times.added_p50_ms),
      formatNumber(times.added_p95_ms),
    ]),
  );
  return `${table}

  medians of ${added[0]?.pairs ?? 0} pairs on a connection that stands; both sides in one process
  first contact by the DHT, from a new key to the answer: p50 ${formatNumber(contact.p50_ms)} ms, p95 ${formatNumber(contact.p95_ms)} ms of ${contact.rounds}`;
}
