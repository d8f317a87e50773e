import { app } from "./app.ts";

export { Account } from "./objects/account.ts";
export { Aggregator } from "./objects/aggregator.ts";
export { Catalog } from "./objects/catalog.ts";
export { Dispatcher } from "./objects/dispatcher.ts";
export { Provider } from "./objects/provider.ts";
export { Treasury } from "./objects/treasury.ts";

export default { fetch: app.fetch };
