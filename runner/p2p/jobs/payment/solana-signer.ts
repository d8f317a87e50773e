import { renderAddress } from "@infernet/escrow/client/address";
import type { Signer } from "@infernet/escrow/client/signer";
import { publicKeyOf } from "@infernet/schemas/ids";
import type { Identity } from "../../../identity/identity.ts";

/** A runner's key is an Ed25519 key, as Solana's are: its public key in base58 is an address there. */
export const solanaSigner = ({ id, sign }: Identity): Signer => ({
  address: renderAddress(publicKeyOf(id)),
  sign: async (message) => sign(message),
});
