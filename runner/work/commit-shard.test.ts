import { createHash } from "node:crypto";
import { commitmentRoot, commitmentStatement, NetworkId, parseSignature } from "@infernet/schemas/commitment";
import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { hashSha256 } from "@infernet/schemas/hash";
import { formatJobId, formatLeaseId, formatPartition, publicKeyOf } from "@infernet/schemas/ids";
import type { Tensor } from "@infernet/schemas/tensor";
import { expect, test } from "vitest";
import { createIdentity } from "../identity/identity.ts";
import { commitShard } from "./commit-shard.ts";
import { hashNative } from "./native-hash.ts";

const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";
const partition = formatPartition(1);
const identity = createIdentity();
const network = NetworkId.parse(`net_${"A".repeat(43)}`);
const execution_class = ExecutionClass.parse("onnx/1.30.0/cpu/fp32");
const lease = {
  id: formatLeaseId(partition, UUID, 0),
  job_id: formatJobId(partition, UUID),
  shard: 7,
  model: Sha256.parse("0".repeat(64)),
  rows: [
    { start: 3, count: 20 },
    { start: 90, count: 10 },
  ],
};
const outputs: Tensor[] = [
  {
    name: "y",
    datatype: "FP32",
    shape: [30, 35],
    data: Uint8Array.from({ length: 30 * 140 }, (_, i) => i % 256),
  },
];

test("a commitment names network, lease, maker, model, class and number of rows, and is signed", async () => {
  const { root, leaf_rows, signature } = commitShard({ network, identity }, lease, execution_class, outputs);
  const { job_id, shard, model } = lease;
  const made = { network, job_id, shard, lease_id: lease.id, runner: identity.id, model, execution_class };
  const context = { ...made, rows: 30, leaf_rows };
  expect(leaf_rows).toBe(30);
  expect(root).toBe(commitmentRoot(context, outputs));
  const key = await crypto.subtle.importKey("raw", publicKeyOf(identity.id), "Ed25519", false, ["verify"]);
  const statement = commitmentStatement(context, root);
  expect(await crypto.subtle.verify("Ed25519", key, parseSignature(signature), statement)).toBe(true);
});

test("the platform's hash says what the portable one says", () => {
  for (const length of [0, 1, 64, 2_049, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
    expect(Buffer.from(hashNative(bytes))).toEqual(Buffer.from(hashSha256(bytes)));
    expect(Buffer.from(hashNative(bytes))).toEqual(createHash("sha256").update(bytes).digest());
  }
});
