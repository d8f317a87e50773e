import type { DurableObject } from "cloudflare:workers";
import { ActiveTime } from "./active-time.ts";
import type { BillMeter } from "./bill-meter.ts";
import { meterEnv } from "./meter-env.ts";
import { meterStorage } from "./meter-storage.ts";

type ObjectClass = new (ctx: DurableObjectState, env: Env) => DurableObject<Env>;

const activity = new WeakMap<object, ActiveTime>();

/**
 * The object class as it is, counted: its storage, its requests to others, its alarms, and the time it is in use: from
 * a request's arrival to its answer, and for as long as it runs on after that.
 */
export function meterObject<Base extends ObjectClass>(base: Base, meter: BillMeter): Base {
  const by = base.name;
  const Metered = new Proxy(base, {
    construct: (target, [ctx, env]: [DurableObjectState, Env], newTarget) => {
      meterStorage(ctx.storage, by, meter);
      const active = new ActiveTime(Date.now, (ms) => meter.add("object_active_ms", by, ms));
      meterWaitUntil(ctx, active);
      const object: object = Reflect.construct(target, [ctx, meterEnv(env, meter)], newTarget);
      activity.set(object, active);
      return object;
    },
  });
  for (const name of Object.getOwnPropertyNames(base.prototype)) {
    const method: unknown = Reflect.get(base.prototype, name);
    if (name !== "constructor" && typeof method === "function")
      meterMethod(base.prototype, name, method, by, meter);
  }
  const alarm: unknown = Reflect.get(base.prototype, "alarm");
  if (alarm !== undefined) Object.defineProperty(base.prototype, "fireAlarm", { value: alarm });
  return Metered;
}

/** What answered at once still does: the object's own code counts on it. */
function meterMethod(prototype: object, name: string, method: object, by: string, meter: BillMeter): void {
  const call = method as (...args: unknown[]) => unknown;
  Object.defineProperty(prototype, name, {
    value(this: object, ...args: unknown[]) {
      if (name === "alarm") meter.add("object_requests", `${by}.alarm`);
      const active = activity.get(this);
      const answer = Reflect.apply(call, this, args);
      if (!(answer instanceof Promise)) return answer;
      active?.enter();
      return answer.finally(() => active?.leave());
    },
  });
}

function meterWaitUntil(ctx: DurableObjectState, active: ActiveTime): void {
  const waitUntil = ctx.waitUntil.bind(ctx);
  Object.defineProperty(ctx, "waitUntil", {
    value: (work: Promise<unknown>) => {
      active.enter();
      waitUntil(work.finally(() => active.leave()));
    },
  });
}
