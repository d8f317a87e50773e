import { availableParallelism, totalmem } from "node:os";
import type { Settings } from "../config/settings.ts";
import { explainMissing, type OpenedEngines, openEngines } from "../engine/open-engines.ts";
import { RunnerError } from "../runner-error.ts";
import type { Log } from "../work/runner-event.ts";

/** The engines that work here, held to what the owner gives. Throws `engine_missing` when none does. */
export async function openEnginesOf(home: string, values: Settings, log: Log): Promise<OpenedEngines> {
  const sandbox = values["limits.sandbox"];
  const opened = await openEngines({
    home,
    threads: values["limits.threads"] ?? values["limits.cores"] ?? availableParallelism(),
    memory_bytes_max: memoryOffered(values),
    containers: {
      engine: values["containers.engine"],
      private_registries: values["containers.private_registries"],
    },
    ...(sandbox === undefined ? {} : { sandbox }),
    onProgress: (detail) => log({ event: "preparing", detail }),
  });
  if (opened.engines.length > 0) return opened;
  throw new RunnerError("engine_missing", explainMissing(opened.missing));
}

/** Null where the owner sets no limit. */
const memoryOffered = (values: Settings): number | null =>
  values["limits.memory_share"] === 1 ? null : Math.floor(totalmem() * values["limits.memory_share"]);
