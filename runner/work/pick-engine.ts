import type { ModelManifest } from "@infernet/schemas/model";
import type { AnyEngine } from "../engine/engine.ts";
import { EngineFailure } from "../engine/engine-failure.ts";

/**
 * The first engine that a model runs on: an image that needs a GPU on one that gives it, every other image on one that does
 * not, and a model of a server on one whose server has it. Throws `EngineFailure` when there is none.
 */
export function pickEngine<Candidate extends Pick<AnyEngine, "offer">>(
  engines: readonly Candidate[],
  { engine: name, oci, openai }: Pick<ModelManifest, "engine" | "oci" | "openai">,
): Candidate {
  const ofName = engines.filter(({ offer }) => offer.engine === name);
  if (ofName.length === 0) throw new EngineFailure("model_unloadable", `this runner has no engine '${name}'`);
  if (openai !== undefined) {
    const serving = ofName.find(({ offer }) => offer.formats.includes(openai.model));
    if (serving) return serving;
    // It was there when the lease was given: the server's doing, and none of the job's.
    throw new EngineFailure("engine_crashed", `no server here has the model '${openai.model}' at present`);
  }
  const needsGpu = oci?.gpu === true;
  const fitting = ofName.find(
    ({ offer }) => name !== "oci" || (offer.execution_provider !== "cpu") === needsGpu,
  );
  if (fitting) return fitting;
  throw new EngineFailure("model_unloadable", "the image needs a GPU; containers get none on this machine");
}
