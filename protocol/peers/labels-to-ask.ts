import {
  classLabel,
  type DiscoveryLabel,
  modelLabel,
  serviceLabel,
  VRAM_CLASSES_GIB,
} from "@infernet/schemas/peer/discovery-label";
import type { PeerQuery } from "@infernet/schemas/peer/peer-query";

/**
 * The labels under which every machine that a query wants is found, as few as will do: that of the model where one is named, else the
 * classes of the engine from the one that holds the bound upwards, else the service. A machine has one class, so no
 * record comes by two of them.
 */
export function labelsToAsk({ model, engine, vram_gib_min, service }: PeerQuery): DiscoveryLabel[] {
  if (model !== undefined) return [modelLabel(model)];
  if (engine === undefined && vram_gib_min === undefined && service !== undefined)
    return [serviceLabel(service)];
  const least = VRAM_CLASSES_GIB.findLast((gib) => gib <= (vram_gib_min ?? 0)) ?? 0;
  return VRAM_CLASSES_GIB.filter((gib) => gib >= least).map((gib) => classLabel(engine ?? "any", gib));
}
