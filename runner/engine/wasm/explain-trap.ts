import { EngineFailure } from "../engine-failure.ts";
import type { ModelInstance } from "./model-instance.ts";

/** Why a call into a module ended early, as the client will read it. */
export function explainTrap(error: unknown, instance: ModelInstance): EngineFailure {
  if (error instanceof EngineFailure) return error;
  if (instance.isOutOfFuel)
    return new EngineFailure("fuel_exhausted", "the run took more instructions than fuel_per_row_max allows");
  if (instance.wasRefusedMemory)
    return new EngineFailure(
      "out_of_memory",
      "the machine has no more memory, although memory_bytes allows it",
    );
  if (error instanceof WebAssembly.RuntimeError)
    return new EngineFailure("engine_error", `the module trapped: ${error.message}`);
  if (error instanceof RangeError && /call stack/i.test(error.message))
    return new EngineFailure(
      "engine_error",
      "the module's calls are nested too deeply: the stack overflowed",
    );
  if (error instanceof RangeError && /allocat|memory/i.test(error.message))
    return new EngineFailure("out_of_memory", `the machine has no memory for the module: ${error.message}`);
  return new EngineFailure("engine_error", `the call failed: ${String(error)}`, { cause: error });
}
