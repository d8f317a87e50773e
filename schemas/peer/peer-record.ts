import { z } from "zod";
import { type Bytes, Sha256 } from "../digest.ts";
import { isSignedByRunner } from "../ed25519.ts";
import { RunnerId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { MicroAmount } from "../money.ts";
import { Capability } from "../runner.ts";
import { AttestationText } from "./attestation.ts";
import { openPayload, sealPayload } from "./signed-payload.ts";

/** A multiaddr in its text form: `/ip4/203.0.113.7/tcp/4801`. Whoever dials it parses it. */
export const PeerAddress = z
  .string()
  .max(LIMITS.peer_address_chars_max)
  .regex(/^(\/[A-Za-z0-9._:%-]+)+$/, "is not an address such as /ip4/203.0.113.7/tcp/4801")
  .meta({ id: "PeerAddress" });
export type PeerAddress = z.infer<typeof PeerAddress>;

/**
 * `open`: takes work now. `busy`: has as much as it takes. `paused`: its owner wants the machine for something else. `gone`: it has
 * stopped, and whoever has an older record of it shows that no more.
 */
export const Availability = z.enum(["open", "busy", "paused", "gone"]);
export type Availability = z.infer<typeof Availability>;

/** What a peer answers besides discovery: blobs of its cache, direct jobs, leases of peers' aggregators, relaying. */
export const PeerService = z.enum(["blob", "job", "lease", "relay"]);
export type PeerService = z.infer<typeof PeerService>;

/** How a direct job with this peer is paid: not at all, or by a client's voucher on an escrow that names the provider. */
export const DirectPayment = z.enum(["free", "voucher"]);
export type DirectPayment = z.infer<typeof DirectPayment>;

/**
 * What a machine announces of itself, signed by its own key. Self-reported, but for `attestations`, which are signed by
 * those who measured.
 */
export const PeerRecord = z
  .strictObject({
    type: z.literal("infernet.peer.v1"),
    runner: RunnerId,
    /**
     * Of two records the one with the higher number counts: more than the last one's, and as a rule the unix ms of its making. A
     * machine whose clock was once ahead just counts on from there.
     */
    sequence: z.int().min(1),
    issued_ms: z.int(),
    expires_ms: z.int(),
    version: z.string().max(64),
    availability: Availability,
    capability: Capability,
    /** Digests of models whose files are here. */
    models: z.array(Sha256).max(LIMITS.peer_record_models_max),
    services: z.array(PeerService).max(PeerService.options.length),
    /** What it takes for direct jobs; null where it takes none. */
    direct: z
      .strictObject({
        payments: z.array(DirectPayment).min(1).max(DirectPayment.options.length),
        /** The least that an hour of a reference core must pay, in micro-units. */
        micro_per_core_hour: MicroAmount,
      })
      .nullable(),
    addresses: z.array(PeerAddress).max(LIMITS.peer_addresses_max),
    /** Signed attestations in base64url: see `readAttestation`. */
    attestations: z.array(AttestationText).max(LIMITS.peer_record_attestations_max),
  })
  .meta({ id: "PeerRecord" });
export type PeerRecord = z.infer<typeof PeerRecord>;

/** A record with the bytes that its runner signed. */
export interface SignedPeerRecord {
  record: PeerRecord;
  bytes: Bytes;
}

export async function signPeerRecord(
  record: PeerRecord,
  sign: (bytes: Bytes) => Promise<Uint8Array> | Uint8Array,
): Promise<SignedPeerRecord> {
  const bytes = await sealPayload(record, sign);
  if (bytes.length > LIMITS.peer_record_bytes_max)
    throw new RangeError(`a peer record of ${bytes.length} bytes; at most ${LIMITS.peer_record_bytes_max}`);
  return { record, bytes };
}

/** Why a record is not to be believed. */
export type RecordFault = "oversized" | "malformed" | "forged" | "expired" | "future" | "too_lasting";

export type ReadRecord = { ok: true; value: SignedPeerRecord } | { ok: false; fault: RecordFault };

/**
 * A record that the runner which it names has signed and that holds at the time. Clocks may differ by
 * `peer_clock_skew_ms_max`; whoever says that it lasts longer than `peer_record_ms_max` is not believed.
 */
export async function readPeerRecord(bytes: Uint8Array, now_ms: number): Promise<ReadRecord> {
  if (bytes.length > LIMITS.peer_record_bytes_max) return { ok: false, fault: "oversized" };
  const opened = openPayload(bytes, PeerRecord);
  if (opened === null) return { ok: false, fault: "malformed" };
  const { statement: record, payload, signature } = opened;
  const skew_ms = LIMITS.peer_clock_skew_ms_max;
  if (record.expires_ms <= now_ms - skew_ms) return { ok: false, fault: "expired" };
  if (record.issued_ms > now_ms + skew_ms) return { ok: false, fault: "future" };
  if (record.expires_ms - record.issued_ms > LIMITS.peer_record_ms_max)
    return { ok: false, fault: "too_lasting" };
  if (!(await isSignedByRunner(record.runner, payload, signature))) return { ok: false, fault: "forged" };
  return { ok: true, value: { record, bytes: new Uint8Array(bytes) } };
}
