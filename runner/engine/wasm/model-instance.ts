import { EngineFailure } from "../engine-failure.ts";
import { INITIALIZE, MEMORY } from "./abi.ts";
import { explainTrap } from "./explain-trap.ts";
import { FUEL_EXPORT, REFUSED_EXPORT } from "./rewrite/reserved-names.ts";
import type { RewrittenModule } from "./rewrite/rewrite-module.ts";
import type { CompiledModule, WasmExports, WasmGlobal, WasmImports, WasmMemory } from "./webassembly.ts";

/** Memory and the values of the changing globals. */
export interface SavedState {
  readonly memory: Uint8Array;
  readonly globals: readonly unknown[];
}

/** One instance of a rewritten module, and what the runner reads and sets in it. */
export class ModelInstance {
  readonly memory: WasmMemory;
  readonly exports: WasmExports;
  readonly #fuel: WasmGlobal | null;
  readonly #refused: WasmGlobal;
  readonly #globals: readonly WasmGlobal[];

  constructor(compiled: CompiledModule, { globals }: RewrittenModule, imports: WasmImports) {
    this.exports = new WebAssembly.Instance(compiled, imports).exports;
    this.memory = expectKind(this.exports, MEMORY, WebAssembly.Memory);
    this.#refused = expectKind(this.exports, REFUSED_EXPORT, WebAssembly.Global);
    this.#fuel =
      FUEL_EXPORT in this.exports ? expectKind(this.exports, FUEL_EXPORT, WebAssembly.Global) : null;
    this.#globals = globals.map((name) => expectKind(this.exports, name, WebAssembly.Global));
  }

  /** Runs what the module wants to be run first. */
  initialize(): void {
    if (INITIALIZE in this.exports) this.call(INITIALIZE);
  }

  /** The present state, to be gone back to. */
  save(): SavedState {
    const memory = new Uint8Array(this.memory.buffer).slice();
    return { memory, globals: this.#globals.map((global) => global.value) };
  }

  /** Goes back to what was saved; false where the instance cannot, because its memory has grown. */
  restore(saved: SavedState): boolean {
    const memory = new Uint8Array(this.memory.buffer);
    if (saved.memory.byteLength !== memory.byteLength) return false;
    memory.set(saved.memory);
    for (const [i, global] of this.#globals.entries()) global.value = saved.globals[i];
    this.#refused.value = 0;
    return true;
  }

  /** Calls an exported function of numbers. Throws what became of it as `EngineFailure`. */
  call(name: string, ...numbers: number[]): number {
    const target = this.exports[name];
    if (typeof target !== "function") throw new EngineFailure("model_unloadable", `'${name}' is no function`);
    try {
      const result: unknown = target(...numbers);
      if (this.isOutOfFuel) throw new RangeError("fuel");
      return Number(result ?? 0) >>> 0;
    } catch (error) {
      throw explainTrap(error, this);
    }
  }

  get isOutOfFuel(): boolean {
    return this.#fuel !== null && this.fuel < 0n;
  }

  get fuel(): bigint {
    const value = this.#fuel?.value;
    return typeof value === "bigint" ? value : 0n;
  }

  set fuel(amount: bigint) {
    if (this.#fuel) this.#fuel.value = amount;
  }

  get wasRefusedMemory(): boolean {
    return this.#refused.value !== 0;
  }
}

function expectKind<T>(exports: WasmExports, name: string, kind: new (...args: never[]) => T): T {
  const value: unknown = exports[name];
  if (value instanceof kind) return value;
  throw new EngineFailure("model_unloadable", `the module exports '${name}' as something else`);
}
