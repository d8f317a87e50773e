import { LIMITS } from "@infernet/schemas/limits";
import type { Tensor } from "@infernet/schemas/tensor";
import { assertInterface } from "./assert-interface.ts";
import { readModule } from "./binary/read-module.ts";
import { callRows } from "./call-rows.ts";
import { InstanceSource } from "./instance-source.ts";
import type { LoadMessage } from "./load-message.ts";
import type { ModelInstance } from "./model-instance.ts";
import { type Declaration, readDeclaration } from "./read-declaration.ts";
import { rewriteModule } from "./rewrite/rewrite-module.ts";
import { RowsHost } from "./rows-imports.ts";
import { callCommand } from "./wasi/call-command.ts";
import { readModelFiles } from "./wasi/model-files.ts";
import { WasiHost } from "./wasi/wasi-host.ts";
import type { WasmImports } from "./webassembly.ts";

/** A module that is ready to be called. */
export interface WasmModule extends Declaration {
  /**
   * One call, in an instance that is as new.
   *
   * @param inputs in the module's order, of its datatypes, `rows` rows each
   * @returns outputs in the module's order, whose shapes are not yet held against the manifest
   */
  call(inputs: readonly Tensor[], rows: number): Tensor[];
}

/** One of the two ways to call a module. */
interface Host {
  readonly given: readonly string[];
  readonly imports: WasmImports;
  /** Before anything is called in an instance. */
  enter(instance: ModelInstance): void;
  call(instance: ModelInstance, declaration: Declaration, inputs: readonly Tensor[], rows: number): Tensor[];
}

const PAGE_BYTES = 65_536;

/** Makes a module ready within the limits of its manifest. Throws `model_unloadable` and says what is wrong with it. */
export async function openModule(bytes: Uint8Array, message: LoadMessage): Promise<WasmModule> {
  const { abi, fuel_per_row_max } = message;
  const host = abi === "rows" ? rowsHost() : await wasiHost(message);
  const parts = readModule(bytes);
  assertInterface(parts, abi, host.given);
  const fuel = fuel_per_row_max === null ? null : BigInt(fuel_per_row_max);
  const rewritten = rewriteModule(parts, {
    memory_pages_max: Math.floor(message.memory_bytes_max / PAGE_BYTES),
    table_elements_max: LIMITS.wasm_table_elements_max,
    fuel,
  });
  const source = await InstanceSource.open(rewritten, host.imports, fuel ?? 0n);
  const take = (rows: number): ModelInstance => {
    const instance = source.take();
    // What it takes to be new is spent once a call, whether the instance was made for it or set back.
    if (fuel !== null) instance.fuel = fuelOf(fuel, rows) - source.fuelSpentAtStart;
    return instance;
  };
  const first = take(1);
  host.enter(first);
  const declaration = readDeclaration(first, message);
  return {
    ...declaration,
    call: (inputs, rows) => host.call(take(rows), declaration, inputs, rows),
  };
}

/** As much as a 64-bit number holds is more than anybody waits for. */
const FUEL_MAX = 2n ** 62n;

function fuelOf(per_row: bigint, rows: number): bigint {
  const fuel = per_row * BigInt(rows);
  return fuel < FUEL_MAX ? fuel : FUEL_MAX;
}

function rowsHost(): Host {
  const host = new RowsHost();
  return {
    given: RowsHost.given,
    imports: host.imports,
    enter: (instance) => host.enter(instance),
    call: (instance, ...rest) => {
      host.enter(instance);
      return callRows(instance, ...rest);
    },
  };
}

async function wasiHost({ dir, files, entry }: LoadMessage): Promise<Host> {
  const host = new WasiHost(
    await readModelFiles(
      dir,
      files.filter((path) => path !== entry),
    ),
  );
  return {
    given: WasiHost.given,
    imports: host.imports,
    enter: (instance) => void host.enter(instance, new Uint8Array()),
    call: (instance, declaration, inputs, rows) => callCommand(host, instance, declaration, inputs, rows),
  };
}
