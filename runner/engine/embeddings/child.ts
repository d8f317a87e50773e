/** The process that holds one model of the engine `embeddings`. */
import { serveModel, watchParent } from "../child/serve-model.ts";
import { openRuntime, versionOf } from "../onnx/open-runtime.ts";
import { loadEmbeddingsModel } from "./embeddings-model.ts";
import { LoadMessage } from "./load-message.ts";

await watchParent();
const ort = openRuntime();

serveModel(versionOf(ort), (model) => loadEmbeddingsModel(ort, LoadMessage.parse(model)));
