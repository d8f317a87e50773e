import { totalmem } from "node:os";

/** Memory that this process may use: the machine's, or what its control groups allow. */
export function machineMemory(): number {
  const total = totalmem();
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < total ? constrained : total;
}
