import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    indexMigrations: Parameters<typeof applyD1Migrations>[1];
  }
}

/** Makes the search index's tables, as the host or `wrangler d1 migrations apply` does. */
export const migrateIndex = (): Promise<void> => applyD1Migrations(env.INDEX, inject("indexMigrations"));
