import { SignedReceipt } from "@infernet/schemas/receipt";
import { readTokens } from "../chain/wallet.ts";
import type { SettlementNetwork } from "./settlement-network.ts";

/**
 * Holds what the chain has paid against what the jobs' signed receipts say that everybody earned. The edge's own tables are
 * not asked.
 */
export async function findFaults(
  network: SettlementNetwork,
): Promise<{ faults: string[]; paid_micro: bigint; payments: number }> {
  const { chain, escrows, escrow, aggregator, client, machines, jobs } = network;
  const faults: string[] = [];
  if (new Set(jobs).size !== jobs.length) faults.push("two requests made one job");
  const earned = new Map<string, bigint>();
  let fees = 0n;
  for (const job of jobs) {
    const { receipt } = SignedReceipt.parse(JSON.parse(await client.getReceipt(job)));
    const { providers, settlement, state } = receipt.outcome;
    if (state !== "succeeded") faults.push(`${job} is ${state}`);
    for (const { id, tally } of providers)
      earned.set(id, (earned.get(id) ?? 0n) + BigInt(tally.earned_micro));
    fees += BigInt(settlement.fee_micro);
  }
  let paid_micro = 0n;
  for (const { runner, wallet } of machines) {
    const paid = await readTokens(escrows, chain, wallet);
    const due = earned.get(runner.id) ?? 0n;
    paid_micro += paid;
    if (paid !== due) faults.push(`${runner.id} has earned ${due} and was paid ${paid}`);
  }
  const kept = await readTokens(escrows, chain, aggregator.address);
  if (kept > fees) faults.push(`the aggregator has ${kept} of ${fees} that are its fees`);
  const { paid, releases } = await escrows.readEscrow(escrow);
  if (paid !== paid_micro + kept)
    faults.push(`the escrow says that it paid ${paid}; ${paid_micro + kept} have arrived`);
  return { faults, paid_micro, payments: releases };
}
