/** The part of the JavaScript API of WebAssembly that is used here: Node's types leave it to those of browsers. */
export type WasmImports = Record<string, Record<string, unknown>>;
export type WasmExports = Record<string, unknown>;

export interface CompiledModule {
  readonly [Symbol.toStringTag]: string;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export interface WasmGlobal {
  value: unknown;
}

interface Api {
  Instance: new (module: CompiledModule, imports: WasmImports) => { readonly exports: WasmExports };
  Memory: new (limits: { initial: number; maximum?: number }) => WasmMemory;
  Global: new (type: { value: string; mutable?: boolean }, value?: unknown) => WasmGlobal;
  RuntimeError: new (message?: string) => Error;
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<CompiledModule>;
}

declare global {
  var WebAssembly: Api;
}
