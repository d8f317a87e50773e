import type { RunnerId } from "@infernet/schemas/ids";
import { readPeerRecord } from "@infernet/schemas/peer/peer-record";
import { parseRecordText } from "@infernet/schemas/peer/peer-record-text";
import type { RunnerRegistration } from "@infernet/schemas/runner";

/**
 * A registration whose peer record is this runner's and holds now, or else is left out, with a sentence that says so: a clock that is
 * wrong keeps a machine from being found by peers, and from no work.
 */
export async function checkPeerRecord(
  id: RunnerId,
  registration: RunnerRegistration,
  now_ms: number,
): Promise<{ registration: RunnerRegistration; warnings: string[] }> {
  const { peer_record, ...rest } = registration;
  if (peer_record === undefined) return { registration, warnings: [] };
  const read = await readPeerRecord(parseRecordText(peer_record), now_ms);
  const fault = read.ok ? (read.value.record.runner === id ? null : "another runner's") : read.fault;
  if (fault === null) return { registration, warnings: [] };
  const warning = `The peer record that came with this registration is ${fault.replaceAll("_", " ")}, and is not shown.`;
  return { registration: rest, warnings: [warning] };
}
