import type { Bytes } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { LeaseInviteAnswer } from "@infernet/schemas/peer/lease-frame";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";
import { openMessages } from "../stream/message-stream.ts";

/** Asks a runner to work for the network that signed the invitation. Rejects with `PeerFault` when it does not answer. */
export async function inviteRunner(
  node: PeerNode,
  runner: RunnerId,
  addresses: readonly PeerAddress[],
  invitation: Bytes,
): Promise<LeaseInviteAnswer> {
  const stream = await node.open(runner, PROTOCOLS.lease, { addresses });
  const messages = openMessages(stream, { bytes_max: LIMITS.lease_piece_bytes_max });
  await messages.send({ invitation });
  const answer = await messages.receive(LeaseInviteAnswer);
  await messages.close();
  return answer;
}
