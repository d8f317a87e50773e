import { OPERATIONS_PER_CORE_SECOND } from "./reference-core.ts";

const MILLISECONDS_PER_SECOND = 1_000n;
const MILLICORES_PER_CORE = 1_000n;

/**
 * Operations of a container, which is charged for the cores it holds whether it uses them or not:
 * seconds x cores x 50 x 10^9.
 *
 * @param millicores thousandths of a core
 */
export function secondsOperations(duration_ms: bigint, millicores: bigint): bigint {
  if (duration_ms < 0n || millicores < 0n)
    throw new RangeError(`${duration_ms} ms on ${millicores} millicores is less than none`);
  return (
    duration_ms * millicores * (OPERATIONS_PER_CORE_SECOND / (MILLISECONDS_PER_SECOND * MILLICORES_PER_CORE))
  );
}
