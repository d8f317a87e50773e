import { type Address, renderAddress } from "../address.ts";
import { createSeedSigner, type Signer } from "../signer.ts";

/** A signer whose seed is 32 times the same byte: the same in every run. */
export const seedSigner = (byte: number): Promise<Signer> => createSeedSigner(new Uint8Array(32).fill(byte));

/** An address that is 32 times the same byte; nobody has its key. */
export const plainAddress = (byte: number): Address => renderAddress(new Uint8Array(32).fill(byte));
