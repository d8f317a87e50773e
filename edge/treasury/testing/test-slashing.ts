import { env, runInDurableObject } from "cloudflare:test";
import migrations from "@infernet/db/treasury/migrations";
import { insertSlashing, nextSlashing } from "@infernet/db/treasury/slashings";
import { Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import type { SlashEvidence, TreasurySlashing } from "@infernet/schemas/slashing";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import { uuidv7 } from "uuidv7";
import type { BondDesk } from "../../rails/bond-desk.ts";
import { USDC_SOLANA } from "../../rails/solana-unit.ts";
import { FakeBonds } from "../../rails/testing/fake-bonds.ts";
import type { TreasuryContext } from "../context.ts";
import { renderTreasury } from "../render-treasury.ts";
import { slashBonds } from "../slash-bonds.ts";
import { Crash, Mortal } from "./mortal.ts";

/** What a treasury does with evidence, over a store of its own and bonds in memory. Each run is by a fresh instance. */
export class TestSlashing extends Mortal {
  readonly chain = new FakeBonds();
  readonly warned: string[] = [];
  now_ms = Date.now();
  #isMade = false;
  readonly #stub = env.TREASURY.getByName(`test:${uuidv7()}`);

  /** Evidence against a provider, over a context of this number. */
  take(provider: RunnerId, n = 1): Promise<void> {
    const evidence: SlashEvidence = {
      provider,
      job_id: `job_001_${"0".repeat(32)}`,
      context_sha256: Sha256.parse(n.toString(16).padStart(64, "0")),
      first: { root: Sha256.parse("1".repeat(64)), signature: "A".repeat(86) },
      second: { root: Sha256.parse("2".repeat(64)), signature: "A".repeat(86) },
    };
    return this.#with(({ db }) => insertSlashing(db, evidence, this.now_ms));
  }

  /** One alarm. A crash ends it where it is. @returns when the next is to ring, in Unix ms */
  async run(): Promise<number | null> {
    try {
      return await this.#with(async (ctx) => {
        await slashBonds(ctx, this.#mortal(this.chain.desk()));
        return nextSlashing(ctx.db);
      });
    } catch (error) {
      if (error instanceof Crash) return this.now_ms;
      throw error;
    }
  }

  /** Alarms as they come, until nothing is left to be done. */
  async settle(): Promise<void> {
    for (let runs = 0; runs < 200; runs += 1) {
      const next_ms = await this.run();
      if (next_ms === null) return;
      this.now_ms = Math.max(this.now_ms + 1, next_ms);
    }
    throw new Error("the slashings do not come to rest");
  }

  list(): Promise<TreasurySlashing[]> {
    return this.#with((ctx) => renderTreasury(ctx, null, false).slashings);
  }

  #with<T>(work: (ctx: TreasuryContext) => T | Promise<T>): Promise<T> {
    return runInDurableObject(this.#stub, async (_, { storage }) => {
      const db = drizzle(storage);
      if (!this.#isMade) await migrate(db, migrations);
      this.#isMade = true;
      this.revive();
      return work({
        unit: USDC_SOLANA,
        db,
        rail: async () => null,
        transact: (work) => {
          const done = storage.transactionSync(work);
          this.dieAt("stored");
          return done;
        },
        now: () => {
          this.assertAlive();
          return this.now_ms;
        },
        uuid: () => uuidv7().replaceAll("-", ""),
        tellProvider: async () => undefined,
        warn: (message) => void this.warned.push(message),
      });
    });
  }

  #mortal(desk: BondDesk): BondDesk {
    return {
      prepareSlash: async (evidence) => {
        const preparation = await desk.prepareSlash(evidence);
        this.dieAt("prepared");
        return preparation;
      },
      advanceSlash: async (step) => {
        const outcome = await desk.advanceSlash(step);
        this.dieAt("sent");
        return outcome;
      },
    };
  }
}
