import type { Capability } from "@infernet/schemas/runner";
import { expect, test } from "vitest";
import { type Offer, pickOffer } from "./offers.ts";
import { sampleAccount, sampleJob } from "./testing/sample-ids.ts";
import { ann, bob } from "./testing/sample-runners.ts";

const cpu = {
  engine: "onnx",
  version: "1.30.0",
  execution_provider: "cpu",
  formats: ["onnx"],
  sandbox: "none",
} as const;
const capability: Capability = {
  engines: [{ ...cpu, formats: ["onnx"], sandbox: "none" }],
  memory_bytes: 1_000,
  cpu_cores: 1,
  gpus: [],
};
const runner = { id: ann, capability, duty: "work" } as const;

const offer = (job: number, account: number, more: Partial<Offer> = {}): Offer => ({
  job_id: sampleJob(job),
  account_id: sampleAccount(account),
  need: { engine: "onnx", format: "onnx", memory_bytes: 1_000 },
  ready: 1,
  declined: new Set(),
  assigned: new Set(),
  served_turn: 0,
  ...more,
});

test("no offer is picked when none has anything for the runner", () => {
  const need = { engine: "onnx" as const, format: "onnx", memory_bytes: 1_001 };
  const offers = [
    offer(1, 1, { ready: 0 }),
    offer(2, 1, { need }),
    offer(3, 1, { declined: new Set([ann]) }),
  ];
  expect(pickOffer(offers, new Map(), runner)).toBeNull();
  expect(pickOffer(offers, new Map(), { ...runner, id: bob })?.job_id).toBe(sampleJob(3));
});

test("a client that was never served comes first, then the one served longest ago", () => {
  const offers = [offer(1, 1), offer(2, 2), offer(3, 3)];
  const turns = new Map([
    [sampleAccount(1), 7],
    [sampleAccount(2), 5],
  ]);
  expect(pickOffer(offers, turns, runner)?.job_id).toBe(sampleJob(3));
  expect(pickOffer(offers.slice(0, 2), turns, runner)?.job_id).toBe(sampleJob(2));
});

test("of one client's jobs the one that has waited longest comes first, in order of arrival among equals", () => {
  const offers = [
    offer(1, 1, { served_turn: 4 }),
    offer(2, 1, { served_turn: 3 }),
    offer(3, 1, { served_turn: 3 }),
  ];
  expect(pickOffer(offers, new Map(), runner)?.job_id).toBe(sampleJob(2));
});

test("what was drawn for a runner comes before its turn, whatever the job has left and whoever declined", () => {
  const drawn = { ready: 0, declined: new Set([ann]), assigned: new Set([ann]), served_turn: 9 };
  const offers = [offer(1, 1), offer(2, 2, drawn), offer(3, 2, { ...drawn, served_turn: 8 })];
  const turns = new Map([[sampleAccount(2), 7]]);
  expect(pickOffer(offers, turns, runner)?.job_id).toBe(sampleJob(3));
  expect(pickOffer(offers, turns, { ...runner, id: bob })?.job_id).toBe(sampleJob(1));
});

test("a referee gets what was drawn for it and nothing else, and a runner without a duty nothing at all", () => {
  const offers = [offer(1, 1), offer(2, 1, { assigned: new Set([ann]) })];
  const referee = { ...runner, duty: "disputes" } as const;
  expect(pickOffer(offers, new Map(), referee)?.job_id).toBe(sampleJob(2));
  expect(pickOffer(offers, new Map(), { ...referee, id: bob })).toBeNull();
  expect(pickOffer(offers, new Map(), { ...runner, duty: "none" })).toBeNull();
});
