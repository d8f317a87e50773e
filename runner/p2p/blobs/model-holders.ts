import type { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import type { Discovery } from "../discovery/open-discovery.ts";
import type { PeerHint } from "./peer-hint.ts";

/**
 * Peers that announce a model and serve blobs. A model has many files: for `blob_holders_ms` they are told those that were found for the
 * first one.
 */
export class ModelHolders {
  readonly #discovery: Pick<Discovery, "find">;
  readonly #found = new Map<Sha256, { at_ms: number; hints: PeerHint[] }>();

  constructor(discovery: Pick<Discovery, "find">) {
    this.#discovery = discovery;
  }

  async *find(model: Sha256, signal: AbortSignal): AsyncGenerator<PeerHint> {
    const now_ms = performance.now();
    for (const [old, { at_ms }] of this.#found)
      if (now_ms - at_ms > LIMITS.blob_holders_ms) this.#found.delete(old);
    const known = this.#found.get(model);
    if (known) return yield* known.hints;
    const hints: PeerHint[] = [];
    this.#found.set(model, { at_ms: now_ms, hints });
    const query = { model, service: "blob" as const };
    for await (const { signed } of this.#discovery.find(query, {
      signal,
      limit: LIMITS.blob_peers_asked_max,
    })) {
      const hint = { runner: signed.record.runner, addresses: signed.record.addresses };
      hints.push(hint);
      yield hint;
    }
  }
}
