/** The process that holds one ONNX model. Nothing else in the runner imports ONNX Runtime. */
import { serveModel, watchParent } from "../child/serve-model.ts";
import { LoadMessage } from "./load-message.ts";
import { loadOnnxModel } from "./onnx-model.ts";
import { silenceTelemetry } from "./telemetry.ts";

await watchParent();
silenceTelemetry(process.env);
// The binding of 1.30.0 sees Float16Array, which Node 24 has, as empty; without it the library takes raw bits.
Reflect.deleteProperty(globalThis, "Float16Array");
const ort = await import("onnxruntime-node");

serveModel(ort.env.versions.node ?? ort.env.versions.common, (model) =>
  loadOnnxModel(ort, LoadMessage.parse(model)),
);
