import type { Bytes } from "@infernet/schemas/digest";
import * as ed25519 from "@infernet/schemas/ed25519";
import { type Address, addressBytes } from "./address.ts";

/** Whether the owner of an address signed the message, so that the chain's Ed25519 precompile takes it too. */
export const verifyEd25519 = (signer: Address, message: Bytes, signature: Uint8Array): Promise<boolean> =>
  ed25519.verifyEd25519(addressBytes(signer), message, signature);
