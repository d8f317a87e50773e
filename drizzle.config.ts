import { defineConfig } from "drizzle-kit";

const OBJECT_STORES = ["aggregator", "provider", "account", "catalog", "treasury"];

// drizzle-kit takes one store a run; `npm run db:generate` sets STORE to each in turn.
const store = process.env.STORE ?? "index";
if (store !== "index" && !OBJECT_STORES.includes(store)) {
  throw new Error(`STORE is "${store}"; set it to one of: ${[...OBJECT_STORES, "index"].join(", ")}`);
}

const paths = { schema: `./db/${store}/schema.ts`, out: `./db/${store}/migrations` };

export default store === "index"
  ? defineConfig({ dialect: "sqlite", driver: "d1-http", ...paths })
  : defineConfig({ dialect: "sqlite", driver: "durable-sqlite", ...paths });
