import { renderSignature } from "@infernet/schemas/commitment";
import { canonicalBytes } from "@infernet/schemas/digest";
import {
  type DirectOffer,
  leaseOfOffer,
  networkOfClient,
  signOffer,
} from "@infernet/schemas/peer/direct-offer";
import {
  type DirectReceipt,
  receiptBytes,
  type SignedDirectReceipt,
} from "@infernet/schemas/peer/direct-receipt";
import type { Tensor } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { beforeAll, expect, test } from "vitest";
import { createIdentity } from "../identity/identity.ts";
import { commitShard } from "../work/commit-shard.ts";
import { renderDirectReport, verifyDirectText } from "./verify-direct-text.ts";

const client = createIdentity();
const provider = createIdentity();
const outputs: Tensor[] = [{ name: "y", datatype: "UINT8", shape: [2, 1], data: Uint8Array.from([1, 2]) }];
const sha256 = "a".repeat(64) as DirectOffer["model"];
let signed: SignedDirectReceipt;

beforeAll(async () => {
  const { offer, signature } = await signOffer(
    {
      type: "infernet.direct-offer.v1",
      id: "019aa5d0c1f07c3e8f2b6d4e5a901122" as DirectOffer["id"],
      client: client.id,
      provider: provider.id,
      model: sha256,
      rows: 2,
      inputs: { sha256, bytes: 10 },
      payment: { kind: "free" },
      price_micro_max: "0",
      issued_ms: 1_000,
      deadline_ms: 61_000,
    },
    client.sign,
  );
  const execution_class = "onnx/1.30.0/cpu/fp32";
  const committer = { network: networkOfClient(client.id), identity: provider };
  const made = commitShard(committer, leaseOfOffer(offer), execution_class, outputs);
  const receipt: DirectReceipt = {
    type: "infernet.direct-receipt.v1",
    ...{ offer, offer_signature: signature, execution_class, compute_ms: 1 },
    ...{ root: made.root, leaf_rows: made.leaf_rows, commitment: made.signature },
    ...{ price_micro: "0", paid: { kind: "free" }, accepted_ms: 2_000, finished_ms: 3_000 },
  };
  signed = {
    object: "direct_receipt",
    receipt,
    provider_signature: renderSignature(provider.sign(receiptBytes(receipt))),
    client_signature: renderSignature(client.sign(receiptBytes(receipt))),
  };
});

const refutedOf = async (change: (receipt: DirectReceipt) => DirectReceipt, result = outputs) => {
  const text = JSON.stringify({ ...signed, receipt: change(signed.receipt) });
  return (await verifyDirectText(text, encodeTensors(result)))?.report.refuted;
};

test("a direct receipt holds by itself, and with its rows proves what was committed to", async () => {
  const verified = await verifyDirectText(JSON.stringify(signed), encodeTensors(outputs));
  expect(verified?.report).toMatchObject({ verdict: "holds", not_proven: ["rows_unchecked"], refuted: [] });
  expect(verified && renderDirectReport(verified)).toContain("nobody has computed them twice");
  const alone = await verifyDirectText(JSON.stringify({ ...signed, client_signature: null }), undefined);
  expect(alone?.report.not_proven).toEqual(["rows_unchecked", "client_unsigned", "outputs_unknown"]);
});

test("whatever is changed in it is noticed", async () => {
  expect(await refutedOf((receipt) => ({ ...receipt, price_micro: "1" }))).toEqual([
    "provider_forged",
    "client_forged",
    "price_above_offer",
  ]);
  const offered = (change: Partial<DirectOffer>) => (receipt: DirectReceipt) => ({
    ...receipt,
    offer: { ...receipt.offer, ...change },
  });
  expect(await refutedOf(offered({ rows: 1 }))).toEqual([
    "offer_forged",
    "provider_forged",
    "client_forged",
    "commitment_forged",
    "outputs_other",
  ]);
  expect(await refutedOf(offered({ deadline_ms: 2_500 }))).toContain("after_deadline");
  const other = [{ ...outputs[0], data: Uint8Array.from([1, 3]) } as Tensor];
  expect(await refutedOf((receipt) => receipt, other)).toEqual(["outputs_other"]);
});

test("what is no direct receipt is left to others, and what cannot be read as one says where", async () => {
  expect(await verifyDirectText("{}", undefined)).toBeNull();
  expect(await verifyDirectText("no JSON", undefined)).toBeNull();
  const missing = new TextDecoder().decode(canonicalBytes({ object: "direct_receipt" }));
  await expect(verifyDirectText(missing, undefined)).rejects.toThrow("it is not a direct receipt: /receipt");
});
