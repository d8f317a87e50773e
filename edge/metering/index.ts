import { app } from "../app.ts";
import { Account as AccountObject } from "../objects/account.ts";
import { Aggregator as AggregatorObject } from "../objects/aggregator.ts";
import { Catalog as CatalogObject } from "../objects/catalog.ts";
import { Dispatcher as DispatcherObject } from "../objects/dispatcher.ts";
import { Provider as ProviderObject } from "../objects/provider.ts";
import { Treasury as TreasuryObject } from "../objects/treasury.ts";
import { BillMeter } from "./bill-meter.ts";
import { later } from "./clock.ts";
import { meterEnv } from "./meter-env.ts";
import { meterObject } from "./meter-object.ts";

/**
 * The edge with a meter on everything that the platform bills, for `npm run bench -- bill`. Built and served like the
 * edge itself; Worker and objects share one isolate there, so one meter sees all.
 */
const meter = new BillMeter();

export const Account = meterObject(AccountObject, meter);
export const Aggregator = meterObject(AggregatorObject, meter);
export const Catalog = meterObject(CatalogObject, meter);
export const Dispatcher = meterObject(DispatcherObject, meter);
export const Provider = meterObject(ProviderObject, meter);
export const Treasury = meterObject(TreasuryObject, meter);

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/meter") return Response.json(meter.take());
    if (pathname === "/meter/sweep") {
      const object = env.AGGREGATOR.getByName(searchParams.get("object") ?? "");
      await later(Number(searchParams.get("ahead_ms")), () => fireAlarm(object));
      return Response.json({});
    }
    meter.add("worker_requests", pathname.split("/")[1] ?? "");
    return app.fetch(request, meterEnv(env, meter), ctx);
  },
};

/** An object's alarm, by the name that `meterObject` gives it: the runtime keeps `alarm` to itself. */
async function fireAlarm(object: object): Promise<void> {
  const fire: unknown = Reflect.get(object, "fireAlarm");
  if (typeof fire !== "function") throw new Error("the object has no alarm");
  await Reflect.apply(fire, object, []);
}
