import { renderSignature } from "@infernet/schemas/commitment";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import { createMicro } from "@infernet/schemas/money";
import { ProviderMessage } from "@infernet/schemas/peer/direct-messages";
import type { SignedOffer } from "@infernet/schemas/peer/direct-offer";
import { receiptBytes, type SignedDirectReceipt } from "@infernet/schemas/peer/direct-receipt";
import type { Tensor } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import type { Identity } from "../../identity/identity.ts";
import type { MessageStream } from "../stream/message-stream.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import { checkAnswer } from "./check-answer.ts";
import type { DirectPayer } from "./direct-payer.ts";
import { ProviderRefusal } from "./provider-refusal.ts";

export interface AskedJob {
  signed: SignedOffer;
  manifest: ModelManifest;
  inputs: Tensor[];
}

export interface DirectAnswer {
  outputs: Tensor[];
  /** Signed by both. */
  receipt: SignedDirectReceipt;
}

/**
 * One job over one stream: offer, rows, result, receipt. To be asked again with the same offer when the stream breaks: a provider
 * that has done it repeats its answer. Rejects with `ProviderRefusal` and `PeerFault`.
 *
 * @param payer null where the job is free
 */
export async function askProvider(
  messages: MessageStream,
  { signed, manifest, inputs }: AskedJob,
  identity: Identity,
  payer: DirectPayer | null,
  now: () => number,
): Promise<DirectAnswer> {
  const { offer, bytes } = signed;
  // An answer that is kept comes after the deadline, too.
  const left_ms = (): number => Math.max(LIMITS.peer_message_ms_max, offer.deadline_ms - now());
  const receive = async (timeout_ms: number): Promise<ProviderMessage> => {
    const message = await messages.receive(ProviderMessage, timeout_ms);
    if (message.type === "refused") throw new ProviderRefusal(message);
    if (message.type === "manifest" || message.offer !== offer.id)
      throw outOfTurn(messages, `'${message.type}' answers nothing that was asked`);
    return message;
  };

  await messages.send({ type: "offer", offer: bytes });
  // An offer that is being worked on already is answered with its result.
  let answer = await receive(left_ms());
  let price_micro: string | null = null;
  if (answer.type === "accepted") {
    price_micro = answer.price_micro;
    if (BigInt(price_micro) > BigInt(offer.price_micro_max))
      throw outOfTurn(messages, `it asks ${price_micro}; offered was ${offer.price_micro_max} at most`);
    const voucher =
      payer === null
        ? null
        : await payer.pay(offer.id, createMicro(BigInt(price_micro)), BigInt(answer.limit_micro_min ?? 0));
    await messages.send({ type: "inputs", offer: offer.id, voucher });
    await messages.sendBytes(encodeTensors(inputs));
    answer = await receive(left_ms() + LIMITS.peer_clock_skew_ms_max);
  }
  if (answer.type !== "result") throw outOfTurn(messages, `'${answer.type}' is out of turn`);
  const receipt = await checkAnswer(answer, signed, manifest, price_micro).catch((error: unknown) => {
    messages.abort(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  await payer?.done(offer.id);
  const signature = renderSignature(identity.sign(receiptBytes(receipt.receipt)));
  await messages.send({ type: "receipt", offer: offer.id, signature });
  return { outputs: answer.tensors, receipt: { ...receipt, client_signature: signature } };
}

function outOfTurn(messages: MessageStream, why: string): PeerFault {
  const fault = new PeerFault("malformed", why);
  messages.abort(fault);
  return fault;
}
