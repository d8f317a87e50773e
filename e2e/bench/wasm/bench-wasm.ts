import type { Bytes } from "@infernet/schemas/digest";
import { openRows } from "infernet-runner/engine/wasm/testing/open-rows";
import { rowsModule } from "infernet-runner/engine/wasm/testing/rows-module";
import { numbers, WasmFixture } from "infernet-runner/engine/wasm/testing/wasm-fixture";
import { createWasmEngine } from "infernet-runner/engine/wasm/wasm-engine";
import { plainSandbox } from "infernet-runner/sandbox/plain-sandbox";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { median } from "../quantile.ts";
import { copying, growing, KERNELS } from "./kernels.ts";
import { renderWasm } from "./render-wasm.ts";

export interface WasmReport {
  kernels: { name: string; fuel: number; plain_ms: number; metered_ms: number; ratio: number }[];
  /** A row that is only copied, in an instance as new. */
  instances: { pages: number; restored_us: number; renewed_us: number }[];
  engine: { load_ms: number; shard_rows: number; row_us: number };
}

const ROUNDS = 15;
const FUEL_MAX = 1_000_000_000;
const MEMORY_BYTES = 64 * 1024 * 1024;
const PAGES = [2, 16, 256];
const SHARD_ROWS = 256;

/**
 * What fuel costs, and what it costs to have each row in an instance as new: the fastest of 15 rounds each, because other
 * work on the machine only ever adds to these short times.
 */
export async function benchWasm({ say }: BenchContext): Promise<BenchResult> {
  const kernels: WasmReport["kernels"] = [];
  for (const [name, module] of Object.entries(KERNELS)) {
    say(`${name}, metered and not, by turns`);
    kernels.push({ name, ...(await measureKernel(module)) });
  }
  say("rows that are only copied");
  const instances: WasmReport["instances"] = [];
  for (const pages of PAGES) {
    instances.push({
      pages,
      restored_us: await measureCalls(copying(pages)),
      renewed_us: await measureCalls(growing(pages)),
    });
  }
  say("a shard in a child process");
  const report: WasmReport = { kernels, instances, engine: await measureEngine() };
  return { report, text: renderWasm(report) };
}

async function measureKernel(module: Bytes): Promise<Omit<WasmReport["kernels"][number], "name">> {
  const plain = await openRows(module);
  const metered = await openRows(module, { fuel_per_row_max: FUEL_MAX });
  const row = [numbers(1)];
  const times: { plain: number[]; metered: number[] } = { plain: [], metered: [] };
  for (let round = -3; round < ROUNDS; round++) {
    for (const [kind, opened] of Object.entries({ plain, metered })) {
      const started = performance.now();
      opened.call(row, 1);
      if (round >= 0) times[kind === "plain" ? "plain" : "metered"].push(performance.now() - started);
    }
  }
  const [plain_ms, metered_ms] = [Math.min(...times.plain), Math.min(...times.metered)];
  return { fuel: await findFuel(module), plain_ms, metered_ms, ratio: metered_ms / plain_ms };
}

/** The least fuel with which a row ends. */
async function findFuel(module: Bytes): Promise<number> {
  const row = [numbers(1)];
  let [low, high] = [1, FUEL_MAX];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const opened = await openRows(module, { fuel_per_row_max: middle });
    try {
      opened.call(row, 1);
      high = middle;
    } catch {
      low = middle;
    }
  }
  return high;
}

async function measureCalls(module: Bytes): Promise<number> {
  const opened = await openRows(module, { memory_bytes_max: MEMORY_BYTES });
  const row = [numbers(1)];
  const batch = (): number => {
    const CALLS = 40;
    const started = performance.now();
    for (let i = 0; i < CALLS; i++) opened.call(row, 1);
    return ((performance.now() - started) * 1_000) / CALLS;
  };
  for (let i = 0; i < 5; i++) batch();
  return Math.min(...Array.from({ length: ROUNDS }, batch));
}

async function measureEngine(): Promise<WasmReport["engine"]> {
  const fixture = await WasmFixture.open();
  const engine = createWasmEngine({ sandbox: plainSandbox });
  const model = await fixture.numbers(rowsModule());
  const options = { timeout_ms: 60_000, signal: new AbortController().signal };
  const loads: number[] = [];
  const rows: number[] = [];
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    const session = await engine.load(model.manifest, model.dir);
    loads.push(performance.now() - started);
    for (let shard = 0; shard < 10; shard++) {
      const { compute_ms } = await session.run(model.inputs(SHARD_ROWS), SHARD_ROWS, options);
      if (shard > 2) rows.push((compute_ms * 1_000) / SHARD_ROWS);
    }
    await session.close();
  }
  await fixture.remove();
  return { load_ms: median(loads), shard_rows: SHARD_ROWS, row_us: Math.min(...rows) };
}
