import { reset } from "cloudflare:test";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrateIndex } from "../testing/migrate-index.ts";
import { aggregator, newJob, takeLeases } from "./testing/network.ts";

beforeEach(migrateIndex);
afterEach(() => reset());

it("a lease says that inputs may be shared only where the job does", async () => {
  const anna = await createTestSigner(1);
  const [shared, own] = [newJob({ rows: 2, share_inputs: true }), newJob({ rows: 2 })];
  for (const job of [shared, own]) await aggregator().create(job);
  const [lease] = await takeLeases(shared, anna, { leases_max: 1 });
  const [other] = await takeLeases(own, anna, { leases_max: 1 });
  expect([lease?.share_inputs, other?.share_inputs]).toEqual([true, undefined]);
});
