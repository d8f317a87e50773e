import type { DirectId } from "@infernet/schemas/peer/direct-offer";

/**
 * Where a stream for direct jobs stands: one job after the other, each only forward. A provider and a client keep it alike,
 * and whatever does not come in its turn ends the stream.
 *
 * `idle` -offer-> `offered` -accepted-> `accepted` -inputs-> `working` -result-> `answered` -receipt-> `idle`. A refusal leads
 * back to `idle` from `offered` and `working`; an offer that was done before goes from `offered` to `answered`. From `answered` the
 * client may go on without a receipt, when it does not sign what came.
 */
export type DirectSession =
  | { at: "idle" }
  | { at: "offered" | "accepted" | "working" | "answered"; offer: DirectId };

export type DirectStep =
  | { by: "client"; type: "offer" | "inputs" | "receipt"; offer: DirectId }
  | { by: "provider"; type: "accepted" | "refused" | "result"; offer: DirectId };

export const IDLE: DirectSession = { at: "idle" };

/** The session after the step; null when it is out of turn. */
export function advanceSession(session: DirectSession, { type, offer }: DirectStep): DirectSession | null {
  if (type === "offer")
    return session.at === "idle" || session.at === "answered" ? { at: "offered", offer } : null;
  if (session.at === "idle" || session.offer !== offer) return null;
  const { at } = session;
  switch (type) {
    case "accepted":
      return at === "offered" ? { at: "accepted", offer } : null;
    case "inputs":
      return at === "accepted" ? { at: "working", offer } : null;
    case "result":
      return at === "working" || at === "offered" ? { at: "answered", offer } : null;
    case "refused":
      return at === "offered" || at === "working" || at === "accepted" ? IDLE : null;
    case "receipt":
      return at === "answered" ? IDLE : null;
    default:
      return type satisfies never;
  }
}
