import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type ContainerEngine, findContainerEngine } from "infernet-runner/engine/oci/container-engine";
import { labelContainers } from "infernet-runner/engine/oci/container-identity";
import { batchFrame } from "infernet-runner/engine/oci/frame";
import { imageLedgerFile } from "infernet-runner/engine/oci/image-ledger";
import { readImageSource } from "infernet-runner/engine/oci/image-source";
import { createImageStore } from "infernet-runner/engine/oci/image-store";
import { loadProbeImage, probeRuntime } from "infernet-runner/engine/oci/probe-runtime";
import { removeTraces } from "infernet-runner/engine/oci/remove-traces";
import { runtimeCandidates } from "infernet-runner/engine/oci/runtime-candidates";
import { compileRows, imageModel, rowsOfTwo } from "infernet-runner/engine/oci/testing/test-image";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { median } from "../quantile.ts";
import { renderTable } from "../render-table.ts";
import { type OpenSetting, openSetting, type Program, type Setting } from "./open-setting.ts";

const ROW_BYTES = 8;
/** Rows of the frames that are exchanged: 1 KiB, 128 KiB, 8 MiB. */
const FRAME_BYTES = [1024, 128 * 1024, 8 * 1024 ** 2];
const STARTS = 7;
const EXCHANGES = 31;

interface SettingReport {
  setting: string;
  start_ms: number;
  /** Of one frame out and back, by its bytes each way; and the same beyond a process, as the median of the differences. */
  exchanges: { bytes: number; ms: number; beyond_ms: number }[];
}

/** What a container costs: until it can be spoken to, and for each frame, beside the same program without one. */
export async function benchContainers({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), "infernet-bench-"));
  cleanup.add(() => rm(dir, { recursive: true, force: true }));
  const search = await findContainerEngine();
  if (!("found" in search)) throw new Error("no container engine answers on this machine");
  cleanup.add(() => removeTraces(dir));
  const program = await prepare(dir, search.found);
  const settings = await listSettings(search.found, dir, say);
  const starts = new Map<Setting, number[]>(settings.map((setting) => [setting, []]));
  const open: OpenSetting[] = [];
  for (let round = 0; round < STARTS; round++) {
    say(`start ${round + 1} of ${STARTS}`);
    for (const setting of settings) {
      const opened = await openSetting(program, setting);
      starts.get(setting)?.push(opened.start_ms);
      if (round === STARTS - 1) open.push(opened);
      else await opened.close();
    }
  }
  const exchanges = await measureExchanges(open, say);
  for (const { close } of open) await close();
  const report = settings.map(
    (setting, i): SettingReport => ({
      setting: setting.name,
      start_ms: median(starts.get(setting) ?? []),
      exchanges: exchanges.map(({ bytes, rounds }) => ({
        bytes,
        ms: median(rounds.map((round) => round[i] ?? Number.NaN)),
        beyond_ms: median(rounds.map((round) => (round[i] ?? Number.NaN) - (round[0] ?? Number.NaN))),
      })),
    }),
  );
  return { report, text: render(report) };
}

/** The same program without a container first, then in each runtime that runs here. */
async function listSettings(
  engine: ContainerEngine,
  dir: string,
  say: BenchContext["say"],
): Promise<Setting[]> {
  const labels = await labelContainers(dir);
  const settings: Setting[] = [{ name: "a process", runtime: null, transport: "stdio" }];
  const probe = await loadProbeImage(engine, labels);
  for (const runtime of runtimeCandidates(engine)) {
    const refusal = await probeRuntime(engine, runtime, probe.id, labels);
    if (refusal !== null) {
      say(`${runtime.name} does not run here: ${refusal}`);
      continue;
    }
    const { name, args } = runtime;
    settings.push({ name, runtime: args, transport: "stdio" });
    settings.push({ name: `${name}, over HTTP`, runtime: args, transport: "http" });
  }
  await probe.remove();
  return settings;
}

async function prepare(dir: string, engine: ContainerEngine): Promise<Program> {
  const bytes = await compileRows(dir);
  if (bytes === null) throw new Error("there is no C compiler that links statically");
  const images = createImageStore({
    engine,
    labels: await labelContainers(dir),
    ledger: imageLedgerFile(dir),
    private_registries: false,
  });
  const obtain = async (oci: {
    transport: { kind: "stdio" } | { kind: "http"; port: number; path: string };
  }) => {
    const { manifest } = await imageModel(dir, bytes, "double", {
      manifest: { oci: { ...oci, gpu: false } },
    });
    return images.obtain(await readImageSource(manifest, dir));
  };
  return {
    engine,
    file: join(dir, "rows"),
    images: {
      stdio: await obtain({ transport: { kind: "stdio" } }),
      http: await obtain({ transport: { kind: "http", port: 8080, path: "/" } }),
    },
  };
}

/** All settings by turns, so that whatever else the machine does meets them alike. */
async function measureExchanges(
  open: readonly OpenSetting[],
  say: BenchContext["say"],
): Promise<{ bytes: number; rounds: number[][] }[]> {
  const measured: { bytes: number; rounds: number[][] }[] = [];
  for (const bytes of FRAME_BYTES) {
    say(`frames of ${bytes} bytes`);
    const rows = bytes / ROW_BYTES;
    const frame = batchFrame(rowsOfTwo(rows), rows);
    const rounds: number[][] = [];
    for (let i = 0; i < EXCHANGES; i++) {
      const round: number[] = [];
      for (const { channel } of open) {
        const started = performance.now();
        await channel.exchange(frame);
        round.push(performance.now() - started);
      }
      rounds.push(round);
    }
    measured.push({ bytes, rounds });
  }
  return measured;
}

const UNITS: Readonly<Record<number, string>> = { 1024: "1 KiB", 131072: "128 KiB", 8388608: "8 MiB" };

function render(report: readonly SettingReport[]): string {
  const sizes = FRAME_BYTES.map((bytes) => `${UNITS[bytes]} there and back, ms (beyond a process)`);
  const table = renderTable(
    ["", "start, ms", ...sizes],
    report.map(({ setting, start_ms, exchanges }) => [
      setting,
      formatNumber(start_ms),
      ...exchanges.map(({ ms, beyond_ms }) => `${formatNumber(ms)} (${formatNumber(beyond_ms)})`),
    ]),
  );
  return `${table}\n\n  medians of ${STARTS} starts and ${EXCHANGES} exchanges, all by turns`;
}
