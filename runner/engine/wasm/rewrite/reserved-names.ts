/** Exports that the runner adds to a module; no module may have one that begins like them. */
export const RESERVED_PREFIX = "infernet:";
/** i64: what is left to spend; below 0 when it is gone. */
export const FUEL_EXPORT = `${RESERVED_PREFIX}fuel`;
/** i32: 1 once the machine refused memory that the module's own limit allows. */
export const REFUSED_EXPORT = `${RESERVED_PREFIX}refused`;
export const globalExport = (index: number): string => `${RESERVED_PREFIX}global:${index}`;
