import { type Directory, PreopenDirectory, WASI, WASIProcExit, wasi } from "@bjorn3/browser_wasi_shim";
import type { Bytes } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { seededWords } from "@infernet/schemas/seeded-random";
import { EngineFailure } from "../../engine-failure.ts";
import type { ModelInstance } from "../model-instance.ts";
import { FUEL_COST } from "../rewrite/fuel-cost.ts";
import type { WasmImports } from "../webassembly.ts";
import { OutputStream, openInput } from "./standard-streams.ts";

const MODULE = "wasi_snapshot_preview1";
const STDERR_BYTES_MAX = 4_096;
const RANDOM_SEED = 1;
const PATH_OPEN_FLAGS = 4;

/** The library writes what it does to the console unless told not to. */
const QUIET = { debug: false };

type HostFunction = (...values: (number | bigint)[]) => unknown;

/** What would write to a file or make one. */
const WRITING = [
  "fd_allocate",
  "fd_filestat_set_size",
  "fd_filestat_set_times",
  "path_create_directory",
  "path_filestat_set_times",
  "path_link",
  "path_remove_directory",
  "path_rename",
  "path_symlink",
  "path_unlink_file",
];

/** What is known of a call once it is over. */
export interface CommandOutcome {
  exit_code: number;
  output: Bytes;
  errors: string;
}

/**
 * WASI preview 1 for commands that may see nothing but their model's files and their input: no network, no clock, no
 * chance. Every call of a command sees the same, whatever the machine and whatever was called before.
 */
export class WasiHost {
  readonly #files: Directory;
  #instance: ModelInstance | null = null;
  #wasi: WASI = new WASI([], [], [], QUIET);
  #random = seededWords(RANDOM_SEED);

  constructor(files: Directory) {
    this.#files = files;
  }

  /** Names of what a module may import. */
  static readonly given: readonly string[] = Object.keys(new WASI([], [], [], QUIET).wasiImport).map(
    (name) => `${MODULE}.${name}`,
  );

  get imports(): WasmImports {
    const names = Object.keys(this.#wasi.wasiImport);
    return { [MODULE]: Object.fromEntries(names.map((name) => [name, this.#guarded(name)])) };
  }

  /** Makes everything as it is at the start of a call with this input. */
  enter(instance: ModelInstance, input: Bytes): { output: OutputStream; errors: OutputStream } {
    const output = new OutputStream(LIMITS.shard_output_bytes_max, false);
    const errors = new OutputStream(STDERR_BYTES_MAX, true);
    const root = new PreopenDirectory("/", this.#files.contents);
    root.dir.ino = this.#files.ino;
    this.#wasi = new WASI(["model"], [], [openInput(input), output, errors, root], QUIET);
    this.#wasi.inst = { exports: { memory: instance.memory } };
    this.#instance = instance;
    this.#random = seededWords(RANDOM_SEED);
    return { output, errors };
  }

  /** Runs a command to its end. */
  run(instance: ModelInstance, input: Bytes, start: string): CommandOutcome {
    const { output, errors } = this.enter(instance, input);
    const exit_code = exitCodeOf(() => instance.call(start));
    return { exit_code, output: output.written(), errors: new TextDecoder().decode(errors.written()).trim() };
  }

  /** Whatever a module does to a host function ends in an answer or in the end of its call. */
  #guarded(name: string): HostFunction {
    const own = this.#own[name];
    return (...values) => {
      const instance = this.#instance;
      if (!instance)
        throw new EngineFailure("model_unloadable", `the module calls ${name} before it has started`);
      instance.fuel -= FUEL_COST.host_call;
      try {
        return own ? own(...values) : this.#wasi.wasiImport[name]?.(...values);
      } catch (error) {
        if (error instanceof WASIProcExit || error instanceof EngineFailure) throw error;
        throw new EngineFailure(
          "engine_error",
          `the module called ${name} with what it cannot take: ${String(error)}`,
        );
      }
    };
  }

  /** In place of the library's own functions. */
  readonly #own: Readonly<Record<string, HostFunction>> = {
    clock_res_get: (_clock, at) => this.#write64(Number(at), 1n),
    clock_time_get: (_clock, _precision, at) => this.#write64(Number(at), 0n),
    random_get: (at, count) => this.#fillRandom(Number(at) >>> 0, Number(count) >>> 0),
    path_open: (...values) => this.#openPath(values),
    poll_oneoff: () => wasi.ERRNO_NOTSUP,
    ...Object.fromEntries(WRITING.map((name) => [name, () => wasi.ERRNO_ROFS])),
    ...Object.fromEntries(
      ["sock_accept", "sock_recv", "sock_send", "sock_shutdown"].map((name) => [
        name,
        () => wasi.ERRNO_NOTSUP,
      ]),
    ),
  };

  #openPath(values: (number | bigint)[]): unknown {
    const isWriting = (Number(values[PATH_OPEN_FLAGS]) & (wasi.OFLAGS_CREAT | wasi.OFLAGS_TRUNC)) !== 0;
    if (isWriting) return wasi.ERRNO_ROFS;
    if (this.#wasi.fds.length >= LIMITS.wasm_open_files_max) return wasi.ERRNO_NFILE;
    return this.#wasi.wasiImport.path_open?.(...values);
  }

  #write64(at: number, value: bigint): number {
    new DataView(this.#wasi.inst.exports.memory.buffer).setBigUint64(at >>> 0, value, true);
    return wasi.ERRNO_SUCCESS;
  }

  #fillRandom(at: number, count: number): number {
    const target = new Uint8Array(this.#wasi.inst.exports.memory.buffer, at, count);
    for (let i = 0; i < target.length; i++) target[i] = this.#random() & 0xff;
    return wasi.ERRNO_SUCCESS;
  }
}

function exitCodeOf(run: () => void): number {
  try {
    run();
    return 0;
  } catch (error) {
    const cause = error instanceof EngineFailure ? error.cause : error;
    if (cause instanceof WASIProcExit) return cause.code;
    throw error;
  }
}
