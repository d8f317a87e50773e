import { EngineFailure } from "../engine-failure.ts";
import type { ModelInstance } from "./model-instance.ts";
import type { WasmImports } from "./webassembly.ts";

const MODULE = "infernet";
const TEXT_BYTES_MAX = 1_024;

/** What a module of the ABI `rows` may import: `infernet.fail(address, bytes)`, which ends the call with a text. */
export class RowsHost {
  #instance: ModelInstance | null = null;

  static readonly given: readonly string[] = [`${MODULE}.fail`];

  readonly imports: WasmImports = {
    [MODULE]: {
      fail: (address: unknown, bytes: unknown) => this.#fail(Number(address) >>> 0, Number(bytes) >>> 0),
    },
  };

  enter(instance: ModelInstance): void {
    this.#instance = instance;
  }

  #fail(address: number, bytes: number): never {
    const memory = new Uint8Array(this.#instance?.memory.buffer ?? []);
    const text = memory.subarray(address, address + Math.min(bytes, TEXT_BYTES_MAX));
    throw new EngineFailure("engine_error", `the module failed: ${new TextDecoder().decode(text)}`);
  }
}
