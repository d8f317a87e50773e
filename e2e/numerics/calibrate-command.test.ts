import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Calibration } from "@infernet/schemas/calibration";
import { manifestDigest } from "@infernet/schemas/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { glyphImages, glyphsModel, imageShape } from "../fixtures/glyphs-model.ts";
import { useEdge } from "../live/use-edge.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import { uploadModel } from "../network/upload-model.ts";
import { type ModelFolder, writeModelFolder } from "./model-folder.ts";
import { batchDependentSubject } from "./subjects.ts";

const PROGRAM = fileURLToPath(new URL("../../runner/main.ts", import.meta.url));
const CPU = "onnx/1.30.0/cpu/fp32";

const folder = createTempFolder();
afterAll(() => folder.remove());
const out = join(folder.path, "glyphs");
const readCalibration = () => Calibration.parse(JSON.parse(readFileSync(`${out}.calibration.json`, "utf8")));

async function calibrate(...args: string[]) {
  const child = spawn(process.execPath, [PROGRAM, "calibrate", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { stdout, stderr, code };
}

const onCpu = ["--providers", "cpu", "--out", out];

describe("infernet-runner calibrate", () => {
  let glyphs: ModelFolder;
  beforeAll(() => {
    glyphs = writeModelFolder(folder.path, glyphsModel());
  });

  it("measures a model from a folder, says what it found, and writes recording and thresholds", async () => {
    const { code, stdout } = await calibrate(glyphs.dir, "--rows", "32", ...onCpu);
    expect(code).toBe(0);
    expect(stdout).toMatch(/class {4}onnx\/1\.30\.0\/cpu\/fp32: \d+ runs/);
    expect(stdout).toMatch(/match up to {2}2\.0e-5 \/ 1\.0e-10\n {2}fraud from {3}1\.0e-4 \/ 1\.0e-9/);
    expect(readCalibration()).toMatchObject({
      model: await manifestDigest(glyphs.manifest),
      rows: 32,
      pairs: [{ classes: [CPU, CPU] }],
    });
  });

  it("adds the recording of another machine, of the same rows only", async () => {
    const other = join(folder.path, "other.json");
    const recording = JSON.parse(readFileSync(`${out}.recording.json`, "utf8"));
    recording.machine = "another machine";
    recording.classes[0].execution_class = "onnx/1.30.0/cuda/fp32";
    writeFileSync(other, JSON.stringify(recording));
    const { code, stdout } = await calibrate(glyphs.dir, "--rows", "32", "--with", other, "--json", ...onCpu);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ thresholds: readCalibration(), missing: [], warnings: [] });
    expect(readCalibration().pairs.map(({ classes }) => classes.map((name) => name.split("/")[2]))).toEqual([
      ["cpu", "cpu"],
      ["cpu", "cuda"],
      ["cuda", "cuda"],
    ]);
    const misfit = await calibrate(glyphs.dir, "--rows", "31", "--with", other, ...onCpu);
    expect(misfit).toMatchObject({ code: 2, stderr: expect.stringMatching(/is over other rows/) });
  });

  it("takes rows from a file, as a job has them", async () => {
    const images = glyphImages().subarray(0, 4 * 28 * 28);
    const input = join(folder.path, "input.json");
    const tensor = { name: "images", datatype: "UINT8", shape: imageShape(images), data: [...images] };
    writeFileSync(input, JSON.stringify({ tensors: [tensor] }));
    expect((await calibrate(glyphs.dir, "--input", input, ...onCpu)).code).toBe(0);
    expect(readCalibration().rows).toBe(4);
    writeFileSync(input, JSON.stringify({ tensors: [{ ...tensor, name: "pictures" }] }));
    expect(await calibrate(glyphs.dir, "--input", input, ...onCpu)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no input of this model.*pictures/),
    });
  });

  it("ends with exit code 7 where honest runs are as far apart as frauds", async () => {
    const { dir } = batchDependentSubject(folder.path);
    const { code, stderr } = await calibrate(dir, "--rows", "64", ...onCpu);
    expect(code).toBe(7);
    expect(stderr).toMatch(/There is nothing to tell fraud by.*rows beside it/);
  });

  it("refuses a folder whose files are not what its manifest names", async () => {
    const { dir } = writeModelFolder(folder.path, glyphsModel());
    writeFileSync(join(dir, "model.onnx"), "another file");
    expect(await calibrate(dir, ...onCpu)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/model\.onnx is another file than manifest\.json names/),
    });
    expect((await calibrate(join(dir, "nowhere"), ...onCpu)).code).toBe(2);
    expect((await calibrate(...onCpu)).code).toBe(2);
  });

  it("says that an edge does not answer", async () => {
    const home = join(folder.path, "home");
    const digest = "0".repeat(64);
    const from = ["--model", digest, "--edge", "http://127.0.0.1:9", "--home", home];
    expect(await calibrate(...from, ...onCpu)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/127\.0\.0\.1:9 does not answer/),
    });
  });
});

describe("infernet-runner calibrate, with an edge", () => {
  const live = useEdge();

  it("measures a model of the network by its digest", async () => {
    const { digest } = await uploadModel(live.client, glyphsModel());
    const home = join(folder.path, "home");
    const from = ["--model", digest, "--edge", live.edge.url, "--home", home];
    expect((await calibrate(...from, "--rows", "8", ...onCpu)).code).toBe(0);
    expect(readCalibration()).toMatchObject({ model: digest, rows: 8 });
    const unknown = ["--model", "0".repeat(64), ...from.slice(2)];
    expect(await calibrate(...unknown, ...onCpu)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/does not give the model/),
    });
  });
});
