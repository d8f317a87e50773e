import { availableParallelism } from "node:os";
import type { Settings } from "../config/settings.ts";
import { isOffered } from "../engine/engine.ts";
import {
  type EnginesWanted,
  explainMissing,
  type OpenedEngines,
  openEngines,
} from "../engine/open-engines.ts";
import type { OpenaiWanted } from "../engine/openai/open-openai.ts";
import { machineMemory } from "../hardware/machine/machine-memory.ts";
import { RunnerError } from "../runner-error.ts";
import type { Log } from "../work/runner-event.ts";

/** The engines that work here, held to what the owner gives. Throws `engine_missing` when none does. */
export async function openEnginesOf(home: string, values: Settings, log: Log): Promise<OpenedEngines> {
  const onProgress = (detail: string): void => log({ event: "preparing", detail });
  const opened = await openEngines({ ...enginesWantedOf(home, values), onProgress });
  if (opened.engines.some(isOffered)) return opened;
  throw new RunnerError("engine_missing", explainMissing(opened.missing));
}

/** What the owner's settings say about engines. */
export function enginesWantedOf(home: string, values: Settings): EnginesWanted {
  const sandbox = values["limits.sandbox"];
  return {
    home,
    threads: values["limits.threads"] ?? values["limits.cores"] ?? availableParallelism(),
    memory_bytes_max: memoryOffered(values),
    containers: {
      engine: values["containers.engine"],
      private_registries: values["containers.private_registries"],
    },
    openai: openaiWantedOf(values),
    ...(sandbox === undefined ? {} : { sandbox }),
  };
}

/** What they say about servers of the OpenAI API. */
export const openaiWantedOf = (values: Settings): OpenaiWanted => ({
  servers: values["openai.servers"],
  discover: values["openai.discover"],
  models: values["openai.models"],
  at_once: values["openai.at_once"],
  api_key_file: values["openai.api_key_file"],
});

/** Null where the owner sets no limit. */
const memoryOffered = (values: Settings): number | null =>
  values["limits.memory_share"] === 1 ? null : Math.floor(machineMemory() * values["limits.memory_share"]);
