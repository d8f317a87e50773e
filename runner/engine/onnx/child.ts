/** The process that holds one ONNX model. Nothing else in the runner loads ONNX Runtime but the probe of its providers. */
import { serveModel, watchParent } from "../child/serve-model.ts";
import { LoadMessage } from "./load-message.ts";
import { loadOnnxModel } from "./onnx-model.ts";
import { openRuntime, versionOf } from "./open-runtime.ts";

await watchParent();
const ort = openRuntime();

serveModel(versionOf(ort), (model) => loadOnnxModel(ort, LoadMessage.parse(model)));
