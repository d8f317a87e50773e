import { MEMORY, OPTIONAL_FUNCTIONS, REQUIRED_FUNCTIONS } from "./abi.ts";
import type { FunctionType, ModuleParts } from "./binary/read-module.ts";
import { refuseModule } from "./binary/refuse-module.ts";

/**
 * Throws `model_unloadable` unless the module has what the ABI asks for and imports nothing but what it gives.
 *
 * @param given names of what may be imported, as in `infernet.fail`
 */
export function assertInterface(parts: ModuleParts, abi: "rows" | "wasi", given: readonly string[]): void {
  const foreign = parts.imports.find(({ module, name }) => !given.includes(`${module}.${name}`));
  if (foreign)
    refuseModule(
      `the module imports ${foreign.module}.${foreign.name}, which the ABI '${abi}' does not give; it gives: ${given.join(", ")}`,
    );
  const memory = parts.exports.find(({ name }) => name === MEMORY);
  if (memory?.kind !== "memory")
    refuseModule(`the module must export its memory as '${MEMORY}'; it exports ${renderExports(parts)}`);
  for (const [name, type] of Object.entries(REQUIRED_FUNCTIONS[abi])) {
    if (!parts.exports.some((candidate) => candidate.name === name))
      refuseModule(
        `the module has no export '${name}', which the ABI '${abi}' asks for; it exports ${renderExports(parts)}`,
      );
    assertType(parts, name, type);
  }
  for (const [name, type] of Object.entries(OPTIONAL_FUNCTIONS)) assertType(parts, name, type);
}

function assertType(parts: ModuleParts, name: string, wanted: FunctionType): void {
  const found = parts.exports.find((candidate) => candidate.name === name);
  if (!found) return;
  const type = found.kind === "function" ? typeOf(parts, found.index) : undefined;
  if (type && render(type) === render(wanted)) return;
  const is = type ? render(type) : `a ${found.kind}`;
  refuseModule(`the module exports '${name}' as ${is}; it must be ${render(wanted)}`);
}

function typeOf(parts: ModuleParts, index: number): FunctionType | undefined {
  const imported = parts.imports[index];
  const number = imported ? imported.type : parts.functions[index - parts.imports.length];
  return number === undefined ? undefined : parts.types[number];
}

const render = ({ parameters, results }: FunctionType): string =>
  `(${parameters.join(", ")}) -> (${results.join(", ")})`;

function renderExports({ exports }: ModuleParts): string {
  const NAMES_MAX = 12;
  const names = exports.slice(0, NAMES_MAX).map(({ name }) => `'${name}'`);
  if (exports.length > NAMES_MAX) names.push("others");
  return names.join(", ") || "nothing";
}
