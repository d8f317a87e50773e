import { createRequire } from "node:module";
import type * as ort from "onnxruntime-node";
import { z } from "zod";
import { silenceTelemetry } from "./telemetry.ts";

/** Names the variable that tells a child where ONNX Runtime is: it may be installed anywhere. */
export const RUNTIME_VARIABLE = "INFERNET_ONNX_RUNTIME";

const Place = z.string({ error: `${RUNTIME_VARIABLE} does not say where ONNX Runtime is` });

/** ONNX Runtime, loaded into this process with its telemetry off. Only children of the ONNX engine do this. */
export function openRuntime(): typeof ort {
  silenceTelemetry(process.env);
  // The binding of 1.30.0 sees Float16Array, which Node 24 has, as empty; without it the library takes raw bits.
  Reflect.deleteProperty(globalThis, "Float16Array");
  return createRequire(import.meta.url)(Place.parse(process.env[RUNTIME_VARIABLE]));
}

export const versionOf = ({ env }: typeof ort): string => env.versions.node ?? env.versions.common;
