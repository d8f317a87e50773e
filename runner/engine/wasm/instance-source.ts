import { EngineFailure } from "../engine-failure.ts";
import { ModelInstance, type SavedState } from "./model-instance.ts";
import type { RewrittenModule } from "./rewrite/rewrite-module.ts";
import type { CompiledModule, WasmImports } from "./webassembly.ts";

/**
 * Gives each call an instance that is as new, so that no row can depend on what was computed before it. An instance whose
 * state lies open is set back, which copies its memory; one whose state does not, or whose memory has grown, is replaced.
 */
export class InstanceSource {
  readonly #make: () => ModelInstance;
  readonly #isRestorable: boolean;
  /** Of a new instance, before anything is called in it. */
  fuelSpentAtStart = 0n;
  #current: ModelInstance | null = null;
  #saved: SavedState | null = null;

  private constructor(isRestorable: boolean, make: () => ModelInstance) {
    this.#isRestorable = isRestorable;
    this.#make = make;
  }

  /**
   * Compiles the module and makes a first instance of it. Throws `model_unloadable`.
   *
   * @param fuel that a new instance has; 0 where nothing is metered
   */
  static async open(rewritten: RewrittenModule, imports: WasmImports, fuel: bigint): Promise<InstanceSource> {
    const compiled = await compile(rewritten);
    const make = (): ModelInstance => instantiate(compiled, rewritten, imports);
    const source = new InstanceSource(rewritten.isRestorable, make);
    source.fuelSpentAtStart = fuel - source.take().fuel;
    return source;
  }

  /** Ends the life of the instance that was taken before. */
  take(): ModelInstance {
    if (this.#saved && this.#current?.restore(this.#saved)) return this.#current;
    // Let go of first, so that there is room for the memory of the next.
    this.#current = null;
    const made = this.#make();
    // New instances are all alike, so one copy does for them.
    if (this.#isRestorable) this.#saved ??= made.save();
    this.#current = made;
    return made;
  }
}

async function compile({ bytes }: RewrittenModule): Promise<CompiledModule> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new EngineFailure("model_unloadable", `the module is not valid: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function instantiate(
  compiled: CompiledModule,
  rewritten: RewrittenModule,
  imports: WasmImports,
): ModelInstance {
  try {
    const instance = new ModelInstance(compiled, rewritten, imports);
    instance.initialize();
    return instance;
  } catch (error) {
    const code =
      error instanceof RangeError && /allocat/i.test(error.message) ? "out_of_memory" : "model_unloadable";
    throw new EngineFailure(code, `the module does not start: ${messageOf(error)}`, { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
