import type { TensorSpec } from "@infernet/schemas/tensor";
import { ABI_VERSION, TENSORS, VERSION } from "./abi.ts";
import { refuseModule } from "./binary/refuse-module.ts";
import type { ModelInstance } from "./model-instance.ts";

/** The manifest's tensors in the order in which the module names them. */
export interface Declaration {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

interface Tensors {
  inputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
}

const TEXT_BYTES_MAX = 32 * 1024;

/**
 * Asks the module for its ABI's version and its tensors: lines of text, `input NAME` or `output NAME`. Throws
 * `model_unloadable` unless they are those of the manifest.
 */
export function readDeclaration(instance: ModelInstance, manifest: Tensors): Declaration {
  const version = instance.call(VERSION);
  if (version !== ABI_VERSION)
    refuseModule(
      `the module was made for version ${version} of the ABI; this runner has version ${ABI_VERSION}`,
    );
  const lines = readText(instance)
    .split("\n")
    .filter((line) => line !== "");
  const namesOf = (kind: string): string[] =>
    lines.flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
  const [inputs, outputs] = [namesOf("input"), namesOf("output")];
  if (inputs.length + outputs.length !== lines.length)
    refuseModule(`'${TENSORS}' returns a line that is neither 'input NAME' nor 'output NAME'`);
  return {
    inputs: arrange("input", inputs, manifest.inputs),
    outputs: arrange("output", outputs, manifest.outputs),
  };
}

function arrange(what: string, names: readonly string[], specs: readonly TensorSpec[]): TensorSpec[] {
  const known = names.map((name) => `'${name}'`).join(", ") || "none";
  const missing = specs.find(({ name }) => !names.includes(name));
  if (missing) refuseModule(`the module has no ${what} '${missing.name}'; it has ${known}`);
  if (new Set(names).size !== names.length) refuseModule(`the module names an ${what} twice: ${known}`);
  return names.map(
    (name) =>
      specs.find((spec) => spec.name === name) ??
      refuseModule(`the module needs an ${what} '${name}' that the manifest lacks`),
  );
}

/** UTF-8 that ends with a zero byte. */
function readText(instance: ModelInstance): string {
  const start = instance.call(TENSORS);
  const bytes = new Uint8Array(instance.memory.buffer);
  const end = bytes.subarray(0, start + TEXT_BYTES_MAX).indexOf(0, start);
  if (end < 0) refuseModule(`'${TENSORS}' returns the address ${start}, where there is no text that ends`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(start, end));
  } catch {
    return refuseModule(`'${TENSORS}' returns a text that is not UTF-8`);
  }
}
