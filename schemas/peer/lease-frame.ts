import { z } from "zod";
import { LIMITS } from "../limits.ts";
import { InvitationBytes } from "./invitation.ts";

/**
 * What is said on `/infernet/lease/1`. An aggregator opens a stream to a runner with an invitation, and is answered. A runner opens
 * streams to an aggregator, and each carries requests and their answers one after the other: the runner's side of the aggregator's HTTP API,
 * a head in CBOR and then the body, raw, in pieces.
 */

const Header = z
  .string()
  .max(LIMITS.lease_header_chars_max)
  .regex(/^[\x20-\x7e]*$/, "is no header's value");

/** The aggregator's first and only message on a stream of its own. */
export const LeaseInvite = z.strictObject({ invitation: InvitationBytes });
export type LeaseInvite = z.infer<typeof LeaseInvite>;

/** The runner's answer to it. */
export const LeaseInviteAnswer = z.strictObject({
  accepted: z.boolean(),
  /** Why not, for the operator; empty where it was accepted. */
  detail: z.string().max(LIMITS.lease_detail_chars_max),
});
export type LeaseInviteAnswer = z.infer<typeof LeaseInviteAnswer>;

/** A runner that knows of an aggregator asks it for an invitation. */
export const LeaseAsk = z.strictObject({ kind: z.literal("ask") });

/** The aggregator's answer: null where it takes no more runners. */
export const LeaseAskAnswer = z.strictObject({ invitation: InvitationBytes.nullable() });
export type LeaseAskAnswer = z.infer<typeof LeaseAskAnswer>;

/** Before the body of a request. */
export const LeaseRequestHead = z.strictObject({
  kind: z.literal("request"),
  method: z.enum(["GET", "POST", "PUT"]),
  /** With the query. */
  path: z
    .string()
    .max(LIMITS.lease_path_chars_max)
    .regex(/^\/[A-Za-z0-9/_.~%:@-]*(\?[A-Za-z0-9_.~%=&:@-]*)?$/, "is not a path"),
  headers: z.strictObject({
    signature: Header,
    "signature-input": Header,
    "content-digest": Header.optional(),
    "content-type": Header.optional(),
    range: Header.optional(),
  }),
  /** Of the body that follows in pieces; 0 where there is none. */
  body_bytes: z.int().min(0).max(LIMITS.blob_bytes_max),
});
export type LeaseRequestHead = z.infer<typeof LeaseRequestHead>;

/** What a runner says next on a stream. */
export const LeaseMessage = z.discriminatedUnion("kind", [LeaseAsk, LeaseRequestHead]);
export type LeaseMessage = z.infer<typeof LeaseMessage>;

/** Before the body of an answer. */
export const LeaseAnswerHead = z.strictObject({
  status: z.int().min(200).max(599),
  headers: z.strictObject({ "content-type": Header.optional(), "retry-after": Header.optional() }),
  /** Null: it ends with a piece of no bytes. */
  body_bytes: z.int().min(0).max(LIMITS.blob_bytes_max).nullable(),
});
export type LeaseAnswerHead = z.infer<typeof LeaseAnswerHead>;
