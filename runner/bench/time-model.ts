import type { ModelManifest } from "@infernet/schemas/model";
import { sampleRows } from "../calibrate/sample-rows.ts";
import type { Session } from "../engine/engine.ts";

const SEED = 1;
const MEASURED_MS = 500;
const ROWS_MAX = 4_096;
const RUN_MS_MAX = 120_000;

/** Runs made-up rows until half a second has gone by in the engine, after a first run that does not count. */
export async function timeModel(
  manifest: ModelManifest,
  session: Session,
  signal: AbortSignal,
): Promise<{ rows: number; compute_ms: number }> {
  const run = async (rows: number): Promise<number> => {
    const options = { timeout_ms: RUN_MS_MAX, signal };
    return (await session.run(sampleRows(manifest, rows, SEED), rows, options)).compute_ms;
  };
  await run(1);
  let total = { rows: 0, compute_ms: 0 };
  for (let rows = 1; total.compute_ms < MEASURED_MS; rows = Math.min(ROWS_MAX, rows * 2)) {
    const compute_ms = await run(rows);
    // The largest call alone counts: small ones pay for the call more than for the rows.
    total = { rows, compute_ms };
    if (rows === ROWS_MAX) break;
  }
  return total;
}
