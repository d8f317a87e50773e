import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import type { Tensor } from "@infernet/schemas/tensor";
import { rowCount } from "@infernet/schemas/tensor-rows";
import { type Command, InvalidArgumentError, Option } from "commander";
import { addExamples } from "../cli/common-options.ts";
import { DEFAULT_HOME, parseCount, parseEdge } from "../cli/parse-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { EngineFailure } from "../engine/engine-failure.ts";
import { EngineMissing } from "../engine/engine-missing.ts";
import { type OnnxRuntime, provideOnnxRuntime } from "../engine/install/onnx-runtime.ts";
import { Provider } from "../engine/onnx/load-message.ts";
import { RunnerError } from "../runner-error.ts";
import { findBestSandbox } from "../sandbox/detect-sandboxes.ts";
import { CalibrationRefused } from "./calibration-refused.ts";
import { deriveCalibration, listWarnings } from "./derive-calibration.ts";
import { fetchModel, type LocalModel, openModelFolder } from "./find-model.ts";
import { readInput } from "./read-input.ts";
import { recordRuns } from "./record-runs.ts";
import { digestTensors, parseRecording, type Recording, renderRecording } from "./recording.ts";
import { renderCalibration, renderRecorded } from "./render-calibration.ts";
import { sampleRows } from "./sample-rows.ts";
import { honestVariations, renderVariation } from "./variation.ts";

/** When honest runs are too far apart. */
const EXIT_REFUSED = 7;
const ROWS_MAX = 10_000;

interface CalibrateFlags {
  model?: Sha256;
  edge?: string;
  home: string;
  rows: number;
  seed: number;
  input?: string;
  providers: Provider[];
  with: string[];
  out: string;
  json?: boolean;
}

/**
 * `infernet-runner calibrate`: measures how far honest runs of a model are apart and derives the thresholds beyond which
 * a difference is fraud.
 */
export function addCalibrateCommand(program: Command): void {
  const command = program
    .command("calibrate")
    .description("measure how far honest runs of a model differ, and where fraud begins")
    .argument("[folder]", "folder with manifest.json and the model's files")
    .option("--model <digest>", "a model of the edge instead, by its digest", parseDigest)
    .option("--edge <url>", "address of the edge", parseEdge)
    .option("--home <dir>", "folder of the identity, for --edge", DEFAULT_HOME)
    .option("--rows <n>", "sample rows to make", parseRows, 256)
    .option("--seed <n>", "what they are made from", parseCount, 1)
    .option("--input <file>", "rows to compute instead: a job's input in JSON or CBOR")
    .addOption(
      new Option("--providers <name...>", "where to compute")
        .choices(Provider.options)
        .default(Provider.options),
    )
    .option("--with <recording...>", "recordings of other machines, over the same rows", [])
    .option("--out <prefix>", "where to write PREFIX.recording.json and PREFIX.calibration.json", "./model")
    .option("--json", "print the result as one JSON object")
    .action((folder: string | undefined, flags: CalibrateFlags) =>
      reporting(createErrorLog(), () => refusing(() => calibrate(folder, flags))),
    );
  addExamples(command, "infernet-runner calibrate ./my-model");
}

async function calibrate(folder: string | undefined, flags: CalibrateFlags): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "infernet-calibrate-"));
  try {
    const model = await findModel(folder, flags, scratch);
    const { manifest, digest } = model;
    const inputs = flags.input
      ? await readInput(flags.input, manifest)
      : sampleRows(manifest, flags.rows, flags.seed);
    const others = await Promise.all(flags.with.map((path) => readOther(path, digest, inputs)));
    const { recording, missing } = await record(model, inputs, flags);
    const paths = {
      recording: `${flags.out}.recording.json`,
      calibration: `${flags.out}.calibration.json`,
    };
    await writeFile(paths.recording, `${renderRecording(recording)}\n`);
    const calibration = deriveCalibration([recording, ...others]);
    const warnings = listWarnings([recording, ...others]);
    await writeFile(paths.calibration, `${JSON.stringify(calibration, null, 2)}\n`);
    if (flags.json) {
      print([JSON.stringify({ ...paths, missing, warnings, thresholds: calibration })]);
      return;
    }
    print([
      `model    ${digest}`,
      `rows     ${recording.rows}, ${flags.input ?? `made from seed ${flags.seed}`}`,
      ...renderRecorded(recording),
      ...others.flatMap(renderRecorded),
      ...missing.map(({ provider, reason }) => `not here ${provider}: ${reason}`),
      ...renderCalibration(calibration),
      ...warnings.map((warning) => `warning  ${warning}`),
      "",
      `wrote ${paths.recording}, for --with on another machine`,
      `wrote ${paths.calibration}, the thresholds`,
    ]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function findModel(
  folder: string | undefined,
  { model, edge, home }: CalibrateFlags,
  dir: string,
): Promise<LocalModel> {
  if (folder !== undefined && model === undefined) return openModelFolder(folder);
  if (folder === undefined && model !== undefined && edge !== undefined)
    return fetchModel({ edge, home, digest: model, dir });
  throw new RunnerError("usage", "calibrate takes a model's folder, or --model with --edge");
}

interface Missing {
  provider: Provider;
  reason: string;
}

/** ONNX Runtime, installed into the home if need be. */
async function openRuntime(home: string): Promise<OnnxRuntime> {
  try {
    return await provideOnnxRuntime(home);
  } catch (error) {
    if (!(error instanceof EngineMissing)) throw error;
    throw new RunnerError("engine_missing", `${error.message}. ${error.fix}`, { cause: error });
  }
}

/** All runs on this machine. A provider that cannot run the model here is left out; with none left it is an error. */
async function record(
  { digest, manifest, dir }: LocalModel,
  inputs: Tensor[],
  { providers, home }: Pick<CalibrateFlags, "providers" | "home">,
): Promise<{ recording: Recording; missing: Missing[] }> {
  const runtime = await openRuntime(home);
  const { best: sandbox } = await findBestSandbox();
  const cores = availableParallelism();
  const planned = providers.flatMap((provider) => honestVariations(provider, manifest, cores)).length;
  const progress = createProgress(planned);
  const classes: Recording["classes"] = [];
  const missing: Missing[] = [];
  for (const provider of providers) {
    try {
      classes.push(
        await recordRuns(provider, { manifest, dir, inputs, cores, runtime, sandbox, onRun: progress.onRun }),
      );
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      missing.push({ provider, reason: shorten(error.message) });
    }
  }
  progress.end();
  if (classes.length === 0) {
    const reasons = missing.map(({ provider, reason }) => `${provider}: ${reason}`).join("; ");
    throw new RunnerError("engine_missing", `No engine here runs this model. ${reasons}`);
  }
  const recording: Recording = {
    type: "infernet.recording.v1",
    model: digest,
    input: digestTensors(inputs),
    rows: inputs[0] === undefined ? 0 : rowCount(inputs[0]),
    machine: `${cpus()[0]?.model.trim() ?? "unknown processor"} (${process.arch})`,
    classes,
  };
  return { recording, missing };
}

async function readOther(path: string, model: Sha256, inputs: readonly Tensor[]): Promise<Recording> {
  let recording: Recording;
  try {
    recording = parseRecording(await readFile(path, "utf8"));
  } catch (error) {
    throw new RunnerError("usage", `${path} is no recording`, { cause: error });
  }
  if (recording.model !== model)
    throw new RunnerError("usage", `${path} is of the model ${recording.model}, not of ${model}`);
  if (recording.input !== digestTensors(inputs))
    throw new RunnerError(
      "usage",
      `${path} is over other rows: give the same --rows and --seed, or the same --input`,
    );
  return recording;
}

async function refusing(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof CalibrationRefused)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT_REFUSED;
  }
}

/** One line that is written over, where somebody looks. */
function createProgress(planned: number) {
  let started = 0;
  const { stderr } = process;
  return {
    onRun: (provider: Provider, variation: Parameters<typeof renderVariation>[0]): void => {
      started += 1;
      if (stderr.isTTY)
        stderr.write(`\r\x1b[K  run ${started} of ${planned}: ${provider}, ${renderVariation(variation)}`);
    },
    end: (): void => void (stderr.isTTY && stderr.write("\r\x1b[K")),
  };
}

const print = (lines: readonly string[]): void => void process.stdout.write(`${lines.join("\n")}\n`);

/** The first line of what a native library says, without the place in its source. */
const shorten = (message: string): string =>
  message
    .replace(/^.*was false\. /s, "")
    .split("\n")[0]
    ?.slice(0, 200) ?? "";

function parseDigest(text: string): Sha256 {
  const parsed = Sha256.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError("It must be a sha256 in lower-case hexadecimal.");
}

function parseRows(text: string): number {
  const rows = parseCount(text);
  if (rows <= Math.min(ROWS_MAX, LIMITS.rows_per_job_max)) return rows;
  throw new InvalidArgumentError(`It must be at most ${ROWS_MAX.toLocaleString("en")}.`);
}
