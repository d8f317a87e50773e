import type { BillMeter } from "./bill-meter.ts";
import { meterBucket } from "./meter-bucket.ts";
import { meterDatabase } from "./meter-database.ts";
import { meterNamespace } from "./meter-namespace.ts";

/** The same bindings, counted. Blobs lie in R2 here, as they do where there is a bill. */
export function meterEnv({ DISK: _, ...env }: Env, meter: BillMeter): Env {
  return {
    ...env,
    AGGREGATOR: meterNamespace(env.AGGREGATOR, "Aggregator", meter),
    DISPATCHER: meterNamespace(env.DISPATCHER, "Dispatcher", meter),
    PROVIDER: meterNamespace(env.PROVIDER, "Provider", meter),
    ACCOUNT: meterNamespace(env.ACCOUNT, "Account", meter),
    CATALOG: meterNamespace(env.CATALOG, "Catalog", meter),
    INDEX: meterDatabase(env.INDEX, meter),
    BLOBS: meterBucket(env.BLOBS, meter),
  };
}
