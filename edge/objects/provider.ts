import { DurableObject } from "cloudflare:workers";
import { upsertProvider } from "@infernet/db/index/providers";
import migrations from "@infernet/db/provider/migrations";
import {
  appendReputationEvent,
  readProvider,
  type StoredProvider,
  writeProvider,
} from "@infernet/db/provider/queries";
import { addReputationEvent, NO_REPUTATION } from "@infernet/protocol/reputation";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { Provider as PublicProvider, ReputationEvent } from "@infernet/schemas/provider";
import type { RunnerRegistration } from "@infernet/schemas/runner";
import { parseTotals, renderProvider } from "../provider/render-provider.ts";
import { ObjectStore } from "./object-store.ts";

/** One provider: what its machine says it can do, and its reputation ledger. Named by the runner's id. */
export class Provider extends DurableObject<Env> {
  readonly #store: ObjectStore;
  #stored: StoredProvider | null = null;
  #projected_ms = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ObjectStore(ctx, migrations);
  }

  async register(id: RunnerId, registration: RunnerRegistration, now_ms: number): Promise<void> {
    await this.#store.create();
    const known = this.#load();
    await this.#write({
      id,
      registration,
      totals: known?.totals ?? NO_REPUTATION,
      first_seen_ms: known?.first_seen_ms ?? now_ms,
      last_seen_ms: now_ms,
    });
  }

  read(): PublicProvider | null {
    const stored = this.#load();
    return stored && renderProvider(stored, Date.now());
  }

  /**
   * Adds to the ledger what is not in it yet. Only registered runners are given work, so there is a provider to add to;
   * events about any other name are dropped.
   */
  async record(events: ReputationEvent[]): Promise<void> {
    const known = this.#load();
    if (!known) return;
    const added = events.filter((event) => appendReputationEvent(this.#store.db, event));
    if (added.length === 0) return;
    await this.#write({
      ...known,
      totals: added.reduce(addReputationEvent, parseTotals(known.totals)),
      last_seen_ms: Math.max(known.last_seen_ms, ...added.map((event) => event.at_ms)),
    });
  }

  /** Brings the search index up to date. Nothing is lost while D1 is away: the alarm is set again. */
  override async alarm(): Promise<void> {
    const provider = this.read();
    if (!provider) return;
    try {
      await upsertProvider(this.env.INDEX, provider);
      this.#projected_ms = Date.now();
    } catch (error) {
      console.warn(
        JSON.stringify({
          level: "warn",
          message: "the provider index was not updated and will be tried again",
          provider: provider.id,
          error: String(error).split("\n", 1)[0],
        }),
      );
      await this.#projectLater();
    }
  }

  async #write(stored: StoredProvider): Promise<void> {
    writeProvider(this.#store.db, stored);
    this.#stored = stored;
    if ((await this.ctx.storage.getAlarm()) === null) await this.#projectLater();
  }

  #projectLater(): Promise<void> {
    const rested_ms = this.#projected_ms + LIMITS.provider_projection_pause_ms;
    return this.ctx.storage.setAlarm(Math.max(Date.now() + LIMITS.provider_projection_ms, rested_ms));
  }

  #load(): StoredProvider | null {
    if (!this.#stored && this.#store.exists) this.#stored = readProvider(this.#store.db);
    return this.#stored;
  }
}
