import { z } from "zod";
import { NetworkId } from "../commitment.ts";
import type { Bytes } from "../digest.ts";
import { isSignedByNetwork } from "../ed25519.ts";
import { RunnerId } from "../ids.ts";
import { Unit } from "../ledger.ts";
import { LIMITS } from "../limits.ts";
import { MicroAmount } from "../money.ts";
import { PeerAddress } from "./peer-record.ts";
import { openPayload, sealPayload } from "./signed-payload.ts";

/**
 * What work for an aggregator pays. `free`: nothing, as among machines of one owner. `priced`: by the aggregator's own book, in its own
 * unit, at so many micro-units for an hour of a reference core. A promise of its operator's, and no more than that.
 */
export const InvitationTerms = z.discriminatedUnion("pay", [
  z.strictObject({ pay: z.literal("free") }),
  z.strictObject({ pay: z.literal("priced"), unit: Unit, micro_per_core_hour: MicroAmount }),
]);
export type InvitationTerms = z.infer<typeof InvitationTerms>;

/** A peer's aggregator asks one runner to work for it, signed with the network's own key: so nobody else speaks in its name. */
export const Invitation = z.strictObject({
  type: z.literal("infernet.invitation.v1"),
  network: NetworkId,
  /** The peer that answers the network's requests. */
  peer: RunnerId,
  /** Whom it is for. */
  runner: RunnerId,
  /** What people call it. */
  name: z
    .string()
    .min(1)
    .max(LIMITS.aggregator_name_chars_max)
    .regex(/^[^\p{Cc}]*$/u, "has control characters"),
  terms: InvitationTerms,
  /** Where the peer is reached, besides the connection that this came on. */
  addresses: z.array(PeerAddress).max(LIMITS.peer_addresses_max),
  issued_ms: z.int(),
  expires_ms: z.int(),
});
export type Invitation = z.infer<typeof Invitation>;

/** A signed invitation, in the binary form. */
export const InvitationBytes = z
  .instanceof(Uint8Array)
  .refine((bytes) => bytes.length <= LIMITS.invitation_bytes_max, "is too long for an invitation");

/** @param sign with the network's key */
export const signInvitation = (
  invitation: Invitation,
  sign: (bytes: Bytes) => Promise<Uint8Array>,
): Promise<Bytes> => sealPayload(invitation, sign);

/**
 * The invitation, if its network signed it, for this runner and as from this peer, and it holds at the time; else null. Clocks may
 * differ by `peer_clock_skew_ms_max`, and none holds for longer than `invitation_ms_max`.
 */
export async function readInvitation(
  bytes: Uint8Array,
  { runner, peer, now_ms }: { runner: RunnerId; peer: RunnerId; now_ms: number },
): Promise<Invitation | null> {
  if (bytes.length > LIMITS.invitation_bytes_max) return null;
  const opened = openPayload(bytes, Invitation);
  if (opened === null) return null;
  const { statement, payload, signature } = opened;
  const { issued_ms, expires_ms } = statement;
  if (statement.runner !== runner || statement.peer !== peer) return null;
  if (expires_ms <= now_ms || issued_ms > now_ms + LIMITS.peer_clock_skew_ms_max) return null;
  if (expires_ms - issued_ms > LIMITS.invitation_ms_max) return null;
  return (await isSignedByNetwork(statement.network, payload, signature)) ? statement : null;
}
