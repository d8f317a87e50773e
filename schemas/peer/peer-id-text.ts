import { z } from "zod";

/** Base58 of the identity multihash of an Ed25519 key (libp2p specs, peer-ids): always 52 characters with this beginning. */
export const PeerIdText = z.string().regex(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/, "is not the id of a peer");
