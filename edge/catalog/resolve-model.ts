import { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import type { Model, ModelRef } from "@infernet/schemas/model";
import { BoundedCache } from "../http/bounded-cache.ts";
import { openCatalog } from "./open-catalog.ts";
import { unwrapModel } from "./unwrap-model.ts";

const byName = new BoundedCache<ModelRef, Sha256>({
  entries_max: LIMITS.models_cached_max,
  age_ms_max: LIMITS.model_name_cache_ms,
});
const byDigest = new BoundedCache<Sha256, Model>({
  entries_max: LIMITS.models_cached_max,
  age_ms_max: LIMITS.model_cache_ms,
});

/**
 * The model that a name or a digest means. What a digest means never changes, but names and calibrations do: an isolate
 * remembers what a name points to for a few seconds, and a model for a minute. Throws `model_unknown`.
 */
export async function resolveModel(env: Env, ref: ModelRef): Promise<Model> {
  const now_ms = Date.now();
  const digest = Sha256.safeParse(ref).data ?? byName.get(ref, now_ms);
  const known = digest && byDigest.get(digest, now_ms);
  if (known) return known;
  const model = unwrapModel(await openCatalog(env).find(ref));
  byDigest.set(model.digest, model, now_ms);
  if (model.digest !== ref) byName.set(ref, model.digest, now_ms);
  return model;
}
