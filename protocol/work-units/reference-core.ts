/**
 * Operations that a core of a common server sustains in FP32 inference, in a second. Work that is measured in time is
 * brought to operations with it, so a core-second is worth the same whatever runs in it.
 */
export const OPERATIONS_PER_CORE_SECOND = 50_000_000_000n;

/** WebAssembly instructions that such a core executes in a second, of compiled code. */
export const FUEL_PER_CORE_SECOND = 2_500_000_000n;
