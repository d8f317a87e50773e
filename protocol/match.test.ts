import type { Capability } from "@infernet/schemas/runner";
import { expect, test } from "vitest";
import { explainMismatch, explainUnfit, isCapable, isFit, type Need } from "./match.ts";
import { sampleRunner } from "./testing/sample-ids.ts";

const GIB = 2 ** 30;
const need: Need = { engine: "onnx", format: "onnx", memory_bytes: 2 * GIB };
const cpu = {
  engine: "onnx" as const,
  version: "1.30.0",
  execution_provider: "cpu" as const,
  formats: ["onnx"],
  sandbox: "none" as const,
};
const machine: Capability = { engines: [cpu], memory_bytes: 4 * GIB, cpu_cores: 4, gpus: [] };

test("a machine with engine, format, memory and execution provider is capable", () => {
  expect(explainMismatch(machine, need)).toEqual([]);
  expect(isCapable(machine, { ...need, memory_bytes: 4 * GIB, execution_provider: "cpu" })).toBe(true);
});

test("too little memory is told in both numbers", () => {
  expect(explainMismatch(machine, { ...need, memory_bytes: 5.5 * GIB })).toEqual([
    "The job needs 5.5 GiB of memory; this machine offers 4 GiB.",
  ]);
});

test("too little GPU memory is told in both numbers, and of several GPUs the largest counts alone", () => {
  const gpu = (gib: number) => ({ name: "any", vram_bytes: gib * GIB });
  const two = { ...machine, gpus: [gpu(6), gpu(8)] };
  expect(explainMismatch(two, { ...need, vram_bytes: 12 * GIB })).toEqual([
    "The job needs 12 GiB of GPU memory; this machine offers 8 GiB.",
  ]);
  expect(explainMismatch(machine, { ...need, vram_bytes: 12 * GIB })).toEqual([
    "The job needs 12 GiB of GPU memory; this machine offers none.",
  ]);
  expect(isCapable(two, { ...need, vram_bytes: 8 * GIB })).toBe(true);
});

test("a missing execution provider names those that are there", () => {
  expect(explainMismatch(machine, { ...need, execution_provider: "cuda" })).toEqual([
    "The job needs onnx on cuda; this machine runs it on cpu.",
  ]);
});

test("a format that the engine does not open is named", () => {
  expect(explainMismatch(machine, { ...need, format: "ort" })).toEqual([
    "The job needs onnx to open ort files; on this machine it opens onnx.",
  ]);
});

test("a sandbox below what the job needs is named, and one above it will do", () => {
  const contained = { ...machine, engines: [{ ...cpu, sandbox: "bwrap" as const }] };
  expect(explainMismatch(contained, { ...need, sandbox: "process" })).toEqual([]);
  expect(explainMismatch(contained, { ...need, sandbox: "oci" })).toEqual([
    "The job needs a sandbox of level oci or above; this machine runs onnx in bwrap.",
  ]);
});

test("format and execution provider must come from one engine", () => {
  const cuda = { ...cpu, execution_provider: "cuda" as const, formats: ["ort"] };
  const split = { ...machine, engines: [cpu, cuda] };
  expect(isCapable(split, { ...need, execution_provider: "cuda" })).toBe(false);
});

test("every reason is given, one sentence each", () => {
  const reasons = explainMismatch(machine, { ...need, execution_provider: "webgpu", memory_bytes: 8 * GIB });
  expect(reasons).toHaveLength(2);
  for (const reason of reasons) expect(reason).toMatch(/^The job needs .*\.$/);
});

test("a machine that asks for more than the job pays is told what it pays", () => {
  const asking = { ...machine, asking_micro_per_core_hour: "50001" };
  expect(explainMismatch(asking, { ...need, micro_per_core_hour: "50000" })).toEqual([
    "The job pays 50000 micro-units for an hour of a core; this machine asks for more than the job pays.",
  ]);
});

test("a machine takes what pays as much as it asks for or more, and one that asks for nothing takes anything", () => {
  const asking = { ...machine, asking_micro_per_core_hour: "9000" };
  for (const micro_per_core_hour of ["9000", "10000", "9007199254740991"])
    expect(isCapable(asking, { ...need, micro_per_core_hour })).toBe(true);
  expect(isCapable(machine, { ...need, micro_per_core_hour: "0" })).toBe(true);
});

test("a job whose rate is not known is not kept from a machine that asks for a price", () => {
  expect(isCapable({ ...machine, asking_micro_per_core_hour: "50000" }, need)).toBe(true);
});

test("a sealed job is for those machines alone that were granted its key", () => {
  const [granted, other] = [sampleRunner(1), sampleRunner(2)];
  const sealed = { ...need, granted: [granted] };
  expect(isFit({ id: granted, capability: machine }, sealed)).toBe(true);
  expect(explainUnfit({ id: granted, capability: machine }, sealed)).toEqual([]);
  expect(isFit({ id: other, capability: machine }, sealed)).toBe(false);
  expect(explainUnfit({ id: other, capability: machine }, sealed)).toEqual([
    "The job's client has chosen other machines, or not granted this one the key of its sealed rows.",
  ]);
  expect(isFit({ id: other, capability: machine }, need)).toBe(true);
});
