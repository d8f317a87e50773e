import { LIMITS } from "@infernet/schemas/limits";
import { EngineFailure } from "../engine-failure.ts";

/**
 * How much memory a container gets: what its manifest says, or the default, and never more than the operator gives.
 *
 * @param needed the manifest's `memory_bytes`; 0 says nothing
 * @param given null where only the machine limits it
 * @param hasRelay whether what passes rows on to a server inside takes its own share
 */
export function chooseMemory(needed: number, given: number | null, hasRelay: boolean): number {
  const most = given ?? Number.POSITIVE_INFINITY;
  if (needed > most)
    throw new EngineFailure(
      "out_of_memory",
      `the image needs ${needed} bytes of memory; this machine's owner gives a model ${most}`,
    );
  const wanted =
    needed === 0 ? LIMITS.oci_memory_bytes_default : Math.max(needed, LIMITS.oci_memory_bytes_min);
  return Math.min(wanted, most) + (hasRelay ? LIMITS.oci_relay_memory_bytes : 0);
}
