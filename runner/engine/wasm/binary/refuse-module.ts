import { EngineFailure } from "../../engine-failure.ts";

/** @param detail says what the module is or does, as in "the module ends within its code" */
export function refuseModule(detail: string): never {
  throw new EngineFailure("model_unloadable", detail);
}
