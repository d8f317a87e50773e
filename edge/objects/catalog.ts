import { DurableObject } from "cloudflare:workers";
import migrations from "@infernet/db/catalog/migrations";
import {
  insertModel,
  listModels,
  listNames,
  readModel,
  readName,
  writeCalibration,
  writeName,
  writeWork,
} from "@infernet/db/catalog/queries";
import type { Calibration } from "@infernet/schemas/calibration";
import { Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type Model, type ModelManifest, ModelName, type ModelRef } from "@infernet/schemas/model";
import type { Page, PageQuery } from "@infernet/schemas/page";
import type { ModelWork } from "@infernet/schemas/work";
import { closestName } from "../http/closest-name.ts";
import { type Answer, answer } from "../rpc.ts";
import { ObjectStore } from "./object-store.ts";

export interface NewModel {
  digest: Sha256;
  manifest: ModelManifest;
  work: ModelWork;
  name: ModelName | null;
  account_id: AccountId;
  now_ms: number;
}

/** The network's models, in one object: manifests by digest, and names with the account that owns each. */
export class Catalog extends DurableObject<Env> {
  readonly #store: ObjectStore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ObjectStore(ctx, migrations);
  }

  /**
   * Repeating it changes nothing but the work, which is counted by the rules of now; the owner of a name may point it to
   * another model. `changed`: it was news.
   */
  async register(model: NewModel): Promise<Answer<{ changed: boolean; model: Model }>> {
    await this.#store.create();
    return answer(() => {
      const { db } = this.#store;
      const { digest, name, account_id } = model;
      const named = name === null ? null : readName(db, name);
      if (named && named.account_id !== account_id) {
        throw new InfernetError(
          "model_name_taken",
          `The name ${JSON.stringify(name)} belongs to another account.`,
        );
      }
      const changed = readModel(db, digest) === null || (name !== null && named?.digest !== digest);
      if (changed) {
        insertModel(db, digest, model.manifest, model.now_ms);
        if (name !== null) writeName(db, name, { digest, account_id });
      }
      writeWork(db, digest, model.work);
      return { changed, model: this.#read(digest) };
    });
  }

  /** Keeps a model's thresholds. Throws `model_unknown`. */
  calibrate(calibration: Calibration): Promise<Answer<Model>> {
    return answer(() => {
      const known = this.#store.exists ? readModel(this.#store.db, calibration.model) : null;
      if (known === null) throw new InfernetError("model_unknown", `There is no model ${calibration.model}.`);
      writeCalibration(this.#store.db, calibration);
      return this.#read(calibration.model);
    });
  }

  /** Throws `model_unknown`, with the name that was probably meant. */
  find(ref: ModelRef): Promise<Answer<Model>> {
    return answer(() => {
      const digest = this.#digestOf(ref);
      const model = digest && this.#store.exists ? readModel(this.#store.db, digest) : null;
      if (model) return model;
      const meant = this.#store.exists
        ? closestName(ref, listNames(this.#store.db, LIMITS.name_suggestions_max))
        : null;
      const advice = meant ? ` Did you mean ${JSON.stringify(meant)}?` : "";
      throw new InfernetError("model_unknown", `There is no model ${JSON.stringify(ref)}.${advice}`);
    });
  }

  list(query: PageQuery): Promise<Answer<Page<Model>>> {
    return answer(() =>
      this.#store.exists ? listModels(this.#store.db, query) : { data: [], next_cursor: null },
    );
  }

  #digestOf(ref: ModelRef): Sha256 | null {
    const digest = Sha256.safeParse(ref);
    if (digest.success) return digest.data;
    return this.#store.exists ? (readName(this.#store.db, ModelName.parse(ref))?.digest ?? null) : null;
  }

  #read(digest: Sha256): Model {
    const model = readModel(this.#store.db, digest);
    if (!model) throw new Error(`model ${digest} was just written`);
    return model;
  }
}
