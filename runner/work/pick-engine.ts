import type { ModelManifest } from "@infernet/schemas/model";
import type { AnyEngine } from "../engine/engine.ts";
import { EngineFailure } from "../engine/engine-failure.ts";

/**
 * The first engine that a model runs on: an image that needs a GPU on one that gives it, every other image on one that does
 * not. Throws `EngineFailure` when there is none.
 */
export function pickEngine<Candidate extends Pick<AnyEngine, "offer">>(
  engines: readonly Candidate[],
  { engine: name, oci }: Pick<ModelManifest, "engine" | "oci">,
): Candidate {
  const ofName = engines.filter(({ offer }) => offer.engine === name);
  if (ofName.length === 0) throw new EngineFailure("model_unloadable", `this runner has no engine '${name}'`);
  const needsGpu = oci?.gpu === true;
  const fitting = ofName.find(
    ({ offer }) => name !== "oci" || (offer.execution_provider !== "cpu") === needsGpu,
  );
  if (fitting) return fitting;
  throw new EngineFailure("model_unloadable", "the image needs a GPU; containers get none on this machine");
}
