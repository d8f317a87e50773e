import type { BillMeter } from "./bill-meter.ts";

type Method = (...args: unknown[]) => unknown;

/** Counts each call of a stub's method: an RPC is one request to the object. */
export function meterNamespace<Objects extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<Objects>,
  by: string,
  meter: BillMeter,
): DurableObjectNamespace<Objects> {
  return new Proxy(namespace, {
    get: (target, property) => {
      if (property !== "getByName") return Reflect.get(target, property);
      return (name: string) => meterStub(target.getByName(name), by, meter);
    },
  });
}

function meterStub<Stub extends object>(stub: Stub, by: string, meter: BillMeter): Stub {
  return new Proxy(stub, {
    get: (target, property) => {
      const method: unknown = Reflect.get(target, property);
      if (typeof method !== "function" || typeof property !== "string") return method;
      return (...args: unknown[]) => {
        meter.add("object_requests", `${by}.${property}`);
        return Reflect.apply(method as Method, target, args);
      };
    },
  });
}
