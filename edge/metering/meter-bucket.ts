import type { BillMeter } from "./bill-meter.ts";

/** R2's classes of operations; what is in neither is free. */
const CLASS_A = new Set(["put", "list", "createMultipartUpload", "resumeMultipartUpload"]);
const CLASS_B = new Set(["get", "head"]);

/** Counts the operations on a bucket. */
export function meterBucket(bucket: R2Bucket, meter: BillMeter): R2Bucket {
  return new Proxy(bucket, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== "function" || typeof property !== "string") return member;
      return (...args: unknown[]) => {
        if (CLASS_A.has(property)) meter.add("r2_class_a", property);
        if (CLASS_B.has(property)) meter.add("r2_class_b", property);
        return Reflect.apply(member, target, args);
      };
    },
  });
}
