import { z } from "zod";
import { Sha256 } from "../digest.ts";
import { LIMITS } from "../limits.ts";
import { PeerAddress, PeerService } from "./peer-record.ts";

/** Of a provider's record in the network of peers what an edge shows, until the record is over. */
export const PeerMirror = z
  .strictObject({
    addresses: z.array(PeerAddress).max(LIMITS.peer_addresses_max),
    services: z.array(PeerService).max(PeerService.options.length),
    /** Digests of models whose files it had when it said so. */
    models: z.array(Sha256).max(LIMITS.peer_record_models_max),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: "PeerMirror" });
export type PeerMirror = z.infer<typeof PeerMirror>;
