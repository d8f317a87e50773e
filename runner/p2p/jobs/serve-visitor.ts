import {
  advanceSession,
  type DirectSession,
  type DirectStep,
  IDLE,
} from "@infernet/protocol/peers/direct-session";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { ClientMessage, type ProviderMessage, type ResultSent } from "@infernet/schemas/peer/direct-messages";
import { type DirectId, readOffer } from "@infernet/schemas/peer/direct-offer";
import { DirectRefused } from "@infernet/schemas/peer/direct-refusal";
import type { Stream } from "@libp2p/interface";
import { openMessages } from "../stream/message-stream.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import type { DirectDesk } from "./direct-desk.ts";

type DeskOfVisitor = Pick<DirectDesk, "manifest" | "offer" | "inputs" | "receipt" | "leave">;

/**
 * One stream of a client, job after job, until it closes, breaks or stands idle. Rejects with `PeerFault` for what is out of
 * turn or no message at all.
 */
export async function serveVisitor(desk: DeskOfVisitor, stream: Stream, from: RunnerId): Promise<void> {
  const messages = openMessages(stream);
  const visitor = { from };
  let session: DirectSession = IDLE;
  let answered: ResultSent | null = null;
  const step = (by: DirectStep["by"], type: DirectStep["type"], offer: DirectId): void => {
    const next = advanceSession(session, { by, type, offer } as DirectStep);
    if (next === null)
      throw new PeerFault("malformed", `'${type}' is out of turn: the session is ${session.at}`);
    session = next;
  };

  const refuse = (error: unknown, offer: DirectId | null): ProviderMessage => {
    if (!(error instanceof DirectRefused)) throw error;
    const { code, message: detail, price_micro } = error;
    return { type: "refused", offer, code, detail, price_micro };
  };
  const answering = async (
    offer: DirectId,
    ask: () => Promise<ProviderMessage>,
  ): Promise<ProviderMessage> => {
    const answer = await ask().catch((error: unknown) => refuse(error, offer));
    if (answer.type !== "manifest") step("provider", answer.type, offer);
    answered = answer.type === "result" ? answer : null;
    return answer;
  };

  const takeInputs = (offer: DirectId, voucher: string | null, rows: Uint8Array<ArrayBuffer>) =>
    answering(offer, () => desk.inputs(visitor, offer, rows, voucher));

  async function answerTo(message: ClientMessage): Promise<ProviderMessage | null> {
    switch (message.type) {
      case "manifest":
        return desk
          .manifest(visitor, message.model)
          .then((manifest) => ({ type: "manifest" as const, manifest }))
          .catch((error: unknown) => refuse(error, null));
      case "offer": {
        const signed = await readOffer(message.offer);
        if (signed === null)
          return refuse(
            new DirectRefused("offer_invalid", "this is no offer that its client has signed"),
            null,
          );
        const { id } = signed.offer;
        step("client", "offer", id);
        return answering(id, () => desk.offer(visitor, signed));
      }
      case "inputs":
        step("client", "inputs", message.offer);
        return takeInputs(message.offer, message.voucher, await messages.receiveBytes());
      case "receipt":
        step("client", "receipt", message.offer);
        if (answered !== null) await desk.receipt(visitor, answered, message.signature);
        answered = null;
        return null;
      default:
        return message satisfies never;
    }
  }

  try {
    for (;;) {
      const answer = await answerTo(await messages.receive(ClientMessage, LIMITS.direct_idle_ms_max));
      if (answer !== null) await messages.send(answer);
    }
  } finally {
    desk.leave(visitor);
  }
}
