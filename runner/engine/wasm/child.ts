/** The process that holds one WebAssembly module. */
import { serveModel, watchParent } from "../child/serve-model.ts";
import { ABI_VERSION } from "./abi.ts";
import { LoadMessage } from "./load-message.ts";
import { loadWasmModel } from "./wasm-model.ts";

await watchParent();
serveModel(String(ABI_VERSION), (model) => loadWasmModel(LoadMessage.parse(model)));
