import { Sha256 } from "@infernet/schemas/digest";
import type { Statement } from "@infernet/schemas/equivocation";
import { createTestNetwork } from "@infernet/schemas/testing/test-network";
import { expect, test } from "vitest";
import { findEquivocation, isEquivocation } from "./equivocation.ts";
import { renderReceipt } from "./render-receipt.ts";
import { SCENARIOS } from "./testing/receipt-scenarios.ts";

const audits = SCENARIOS["audits that all agree"]();
const OTHER_SEED = Sha256.parse("5e".repeat(32));

async function expectProof(a: Statement, b: Statement, kind: string): Promise<void> {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const proof = await findEquivocation(one, other);
    expect(proof?.kind).toBe(kind);
    // A proof travels as JSON, and its reader trusts nobody.
    const read: unknown = JSON.parse(JSON.stringify(proof));
    expect(await isEquivocation(read)).toBe(true);
    expect(await isEquivocation({ ...(read as object), kind: "none" })).toBe(false);
  }
}

test("one receipt, twice, proves nothing; neither do receipts of two jobs", async () => {
  const [one, other] = [await audits, await SCENARIOS["no checks"]()];
  expect(await findEquivocation(await one.signed(), await one.signed())).toBeNull();
  expect(await findEquivocation(await one.signed(), await other.signed())).toBeNull();
});

test("two receipts of one job and revision that differ in anything prove it", async () => {
  const story = await audits;
  const receipt = await story.receipt();
  const cheaper = {
    ...receipt,
    job: { ...receipt.job, price: { ...receipt.job.price, quoted_micro: "999" } },
  };
  await expectProof(await story.signed(), await story.network.sign(cheaper), "receipt_twice");
});

test("a later receipt that tells another history proves it", async () => {
  const story = await SCENARIOS["a recall that finds a result wrong"]();
  const material = await story.material();
  const end = story.log.findIndex(({ fact }) => fact.kind === "succeeded");
  const first = renderReceipt({ ...material, log: material.log.slice(0, end + 1) });
  if (first === null) throw new Error("the job has succeeded");
  const later = await story.signed();
  expect(await findEquivocation(await story.network.sign(first), later)).toBeNull();
  const log = first.log.map((entry, n) => (n === 0 ? { ...entry, at_ms: entry.at_ms - 1 } : entry));
  await expectProof(await story.network.sign({ ...first, log }), later, "history_rewritten");
  const detached = { ...later.receipt, supersedes: OTHER_SEED };
  await expectProof(await story.network.sign(first), await story.network.sign(detached), "history_rewritten");
});

test("two seeds for one epoch prove it, wherever they were announced", async () => {
  const { network } = await audits;
  const receipt = await (await audits).receipt();
  const [epoch] = receipt.epochs;
  if (epoch === undefined) throw new Error("draws were made in an epoch");
  const told = { network: network.id, ...epoch, seed: null };
  const otherwise = { ...(await network.announce(epoch.epoch, { seed_sha256: OTHER_SEED })), seed: null };
  await expectProof(told, { network: network.id, ...otherwise }, "epoch_twice");
  await expectProof(await network.sign(receipt), { network: network.id, ...otherwise }, "epoch_twice");
  const { seed: _, ...announced } = otherwise;
  const job = { ...receipt.job, id: (await SCENARIOS["no checks"]()).job.id };
  const elsewhere = await network.sign({ ...receipt, job, epochs: [announced] });
  await expectProof(await network.sign(receipt), elsewhere, "epoch_twice");
  // The same announcement with its seed is the same announcement.
  expect(await findEquivocation(told, await network.publish(epoch.epoch))).toBeNull();
});

test("what the network did not sign proves nothing against it", async () => {
  const story = await audits;
  const { receipt, signature } = await story.signed();
  const forged = {
    receipt: { ...receipt, job: { ...receipt.job, price: { ...receipt.job.price, quoted_micro: "999" } } },
    signature,
  };
  expect(await findEquivocation({ receipt, signature }, forged)).toBeNull();
  const stranger = await createTestNetwork(201);
  const theirs = await stranger.sign({ ...forged.receipt, network: stranger.id });
  expect(await findEquivocation({ receipt, signature }, theirs)).toBeNull();
});
