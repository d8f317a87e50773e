import { Connection } from "@solana/web3.js";
import { describe, expect, it } from "vitest";
import { startRpcStub } from "../testing/rpc-server.ts";
import { observeTransaction } from "./observe-transaction.ts";

const EPOCH = { absoluteSlot: 160, blockHeight: 150, epoch: 0, slotIndex: 0, slotsInEpoch: 1 };

async function observe(slot: number, status: unknown) {
  const asked: unknown[] = [];
  const stub = await startRpcStub((method, params) => {
    asked.push([method, ...params]);
    return { result: method === "getEpochInfo" ? EPOCH : { context: { slot }, value: [status] } };
  });
  try {
    return { seen: await observeTransaction(new Connection(stub.url), "a signature"), asked };
  } finally {
    await stub.close();
  }
}

describe("looking for a transaction", () => {
  it("reads what is final first, and then the status from the whole history", async () => {
    const { seen, asked } = await observe(160, null);
    expect(seen).toEqual({ status: "absent", finalized_height: 150 });
    expect(asked).toEqual([
      ["getEpochInfo", { commitment: "finalized" }],
      ["getSignatureStatuses", ["a signature"], { searchTransactionHistory: true }],
    ]);
  });

  it("takes a status without a commitment for the weakest", async () => {
    const { seen } = await observe(170, { slot: 165, confirmations: 3, err: null });
    expect(seen).toEqual({ status: "processed", slot: 165, err: null });
  });

  it("takes no status that is older than what was final", async () => {
    await expect(observe(159, null)).rejects.toMatchObject({ name: "RpcFailure", retryable: true });
  });
});
