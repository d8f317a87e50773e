import type * as ort from "onnxruntime-node";
import { EngineFailure } from "../engine-failure.ts";
import { ortFailure } from "./ort-failure.ts";

/**
 * Opens an ONNX file.
 * @throws EngineFailure `model_unloadable`, or `out_of_memory`
 */
export async function createSession(
  runtime: typeof ort,
  file: string,
  options: ort.InferenceSession.SessionOptions,
): Promise<ort.InferenceSession> {
  try {
    return await runtime.InferenceSession.create(file, options);
  } catch (error) {
    const { code, detail } = ortFailure(error, "model_unloadable");
    throw new EngineFailure(code, `the model does not load: ${detail}`);
  }
}
