import { expect, test } from "vitest";
import { MemoryEdge } from "../transport/memory-edge.ts";
import { eachPage } from "./each-page.ts";
import { renderEarningsCsv } from "./earnings-csv.ts";
import { jobOf, sumsOf } from "./testing/a-book.ts";

const NEVER = new AbortController().signal;

async function chunksOf(edge: MemoryEdge, items: number): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of renderEarningsCsv(eachPage(edge, items, NEVER))) chunks.push(chunk);
  return chunks;
}

test("every job of every page is a record, under one head, written as its page comes", async () => {
  const edge = new MemoryEdge();
  edge.sums = [sumsOf({ held_micro: "1000000" })];
  edge.earnings.push(jobOf(3), jobOf(2), jobOf(1, { state: "paid", reference: 'wire, "17"' }));
  const chunks = await chunksOf(edge, 2);
  expect(chunks).toHaveLength(2);
  const records = chunks.join("").split("\r\n");
  expect(records).toHaveLength(5);
  expect(records[0]).toBe(
    "job_id,unit,escrow,shards,checks,earned_micro,state,earned_at,held_until,payout,reference",
  );
  expect(records[1]).toBe(
    `${jobOf(3).job_id},credit,,3,2,1000000,held,2026-01-01T15:04:05.000Z,2026-01-02T15:04:05.000Z,,`,
  );
  expect(records[3]).toMatch(/,paid,.*,,"wire, ""17"""$/);
  expect(records[4]).toBe("");
});

test("without a job there is a head alone", async () => {
  expect(await chunksOf(new MemoryEdge(), 100)).toEqual([
    "job_id,unit,escrow,shards,checks,earned_micro,state,earned_at,held_until,payout,reference\r\n",
  ]);
});
