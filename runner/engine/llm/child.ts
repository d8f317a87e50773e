/** The process that holds one model of the engine `llm`. */
import { setImmediate as yieldToEvents } from "node:timers/promises";
import { watchParent } from "../child/serve-model.ts";
import { openRuntime, versionOf } from "../onnx/open-runtime.ts";
import { type FromGenerator, ToGenerator } from "./generation-message.ts";
import { failureOf, Generator, isEmpty } from "./generator.ts";
import { LoadMessage } from "./load-message.ts";

await watchParent();
const runtime = openRuntime();
let generator: Generator | null = null;
let isWorking = false;

const send = (message: FromGenerator): void => {
  process.send?.(message);
};

process.on("disconnect", () => process.exit());
process.on("message", (raw) => {
  const message = ToGenerator.parse(raw);
  switch (message.kind) {
    case "load":
      load(message.model).catch((error: unknown) => send({ kind: "failed", ...failureOf(error) }));
      return;
    case "run":
      generator?.add(message);
      break;
    case "cancel":
      generator?.cancel(message.run);
      break;
    default:
      message satisfies never;
  }
  void work();
});

async function load(raw: unknown): Promise<void> {
  const model = LoadMessage.parse(raw);
  generator = await Generator.open(runtime, model);
  const { precision, at_once_max } = generator;
  send({ kind: "loaded", execution_provider: model.provider, precision, at_once_max });
}

async function work(): Promise<void> {
  if (isWorking || !generator) return;
  isWorking = true;
  while (!generator.isIdle) {
    const round = await generator.round();
    if (!isEmpty(round)) send(round);
    // A native call blocks this thread: whoever came meanwhile is heard now.
    await yieldToEvents();
  }
  isWorking = false;
}

send({ kind: "ready", version: versionOf(runtime) });
