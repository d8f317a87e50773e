import { z } from "zod";
import { RunnerId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { DiscoveryLabel } from "./discovery-label.ts";

/** A signed record as it was made: see `readPeerRecord`. */
const RecordBytes = z
  .instanceof(Uint8Array)
  .refine((bytes) => bytes.length <= LIMITS.peer_record_bytes_max, "is too long for a record");

/**
 * What one peer asks another on `/infernet/records/1`, in the binary form, any number after each other on one stream. `find`: records
 * under any of the labels, but for those that the asker has; `get`: those of the runners named; `keep`: here is mine.
 */
export const RecordsRequest = z.discriminatedUnion("ask", [
  z.strictObject({
    ask: z.literal("find"),
    labels: z.array(DiscoveryLabel).min(1).max(LIMITS.discovery_labels_max),
    /** Records that need not be sent: the runner's with this sequence number, or a lower one. */
    known: z.array(z.strictObject({ runner: RunnerId, sequence: z.int() })).max(LIMITS.records_known_max),
  }),
  z.strictObject({
    ask: z.literal("get"),
    runners: z.array(RunnerId).min(1).max(LIMITS.records_asked_max),
  }),
  z.strictObject({ ask: z.literal("keep"), record: RecordBytes }),
]);
export type RecordsRequest = z.infer<typeof RecordsRequest>;

/** What a `find` or `get` is answered with. */
export const RecordsFound = z.strictObject({
  records: z.array(RecordBytes).max(LIMITS.records_answered_max),
  /** Whether there are more of them, for who asks again and says what it has by then. */
  more: z.boolean(),
});
export type RecordsFound = z.infer<typeof RecordsFound>;

/** What a `keep` is answered with: why it is not kept, in a word; null when it is. */
export const RecordKept = z.strictObject({ refused: z.string().max(32).nullable() });
export type RecordKept = z.infer<typeof RecordKept>;
