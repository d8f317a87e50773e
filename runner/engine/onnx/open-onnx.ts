import type { Engine } from "../engine.ts";
import type { EngineContext } from "../open-engines.ts";
import { createOnnxEngine } from "./onnx-engine.ts";

/** The ONNX engine in the best sandbox that this machine has. */
export const openOnnx = ({ childSandbox, threads }: EngineContext): Promise<Engine> =>
  createOnnxEngine({ sandbox: childSandbox, threads });
