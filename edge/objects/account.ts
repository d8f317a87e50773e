import { DurableObject } from "cloudflare:workers";
import migrations from "@infernet/db/account/migrations";
import {
  deleteDisabledWebhook,
  insertAccount,
  insertDisabledWebhook,
  readAccount,
  readDisabledWebhooks,
  readKeyHashes,
} from "@infernet/db/account/queries";
import { fullBucket, type RateDecision, takeToken } from "@infernet/protocol/rate-limit";
import type { Sha256 } from "@infernet/schemas/digest";
import { AccountId } from "@infernet/schemas/ids";
import { hashesEqual } from "../account/hashes-equal.ts";
import type { AuthorizedAccount } from "../http/app-env.ts";
import { RATE_POLICIES } from "../http/rate-policies.ts";
import { ObjectStore } from "./object-store.ts";

interface Known {
  account: AuthorizedAccount;
  key_hashes: string[];
}

/** One client account: its keys (hashed), its request rate, the webhook addresses it may not use. Named by its id. */
export class Account extends DurableObject<Env> {
  readonly #store: ObjectStore;
  /** In memory: it bounds load, it does not count money. */
  #bucket = fullBucket(RATE_POLICIES.account, Date.now());
  #known: Known | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ObjectStore(ctx, migrations);
  }

  async create(account: {
    id: AccountId;
    name: string;
    key_sha256: Sha256;
    created_ms: number;
  }): Promise<void> {
    await this.#store.create();
    insertAccount(this.#store.db, account);
    this.#known = null;
  }

  /** The account if the key is one of its own, and whether its rate lets this request through; else null. */
  authorize(key_sha256: Sha256): { account: AuthorizedAccount; rate: RateDecision } | null {
    const known = this.#load();
    if (!known?.key_hashes.some((hash) => hashesEqual(hash, key_sha256))) return null;
    const rate = takeToken(this.#bucket, Date.now(), RATE_POLICIES.account);
    this.#bucket = rate.bucket;
    return { account: known.account, rate };
  }

  /** No webhook goes to this address from now on: it answered 410 Gone. */
  disableWebhook(url: string): void {
    if (!this.#store.exists) return;
    insertDisabledWebhook(this.#store.db, url, Date.now());
    this.#known = null;
  }

  enableWebhook(url: string): void {
    if (!this.#store.exists) return;
    deleteDisabledWebhook(this.#store.db, url);
    this.#known = null;
  }

  #load(): Known | null {
    if (!this.#known && this.#store.exists) {
      const row = readAccount(this.#store.db);
      if (!row) return null;
      this.#known = {
        account: {
          id: AccountId.parse(row.id),
          name: row.name,
          disabled_webhooks: readDisabledWebhooks(this.#store.db),
        },
        key_hashes: readKeyHashes(this.#store.db),
      };
    }
    return this.#known;
  }
}
