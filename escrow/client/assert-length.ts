import { EscrowError } from "./escrow-error.ts";

/** Throws argument_invalid unless there are exactly `length` of them. */
export function assertLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length)
    throw new EscrowError("argument_invalid", `${what} has ${bytes.length} bytes, not ${length}`);
}
