import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { DirectOffer } from "@infernet/schemas/peer/direct-offer";
import { samplePeerRecord } from "@infernet/schemas/testing/sample-peer-record";
import { describe, expect, it, test } from "vitest";
import { orderCandidates } from "./direct-candidates.ts";
import { quoteDirect } from "./direct-price.ts";
import { assertOffer, type DirectLoad, type DirectPolicy, rememberedUntil } from "./direct-rules.ts";
import { advanceSession, type DirectSession, type DirectStep, IDLE } from "./direct-session.ts";
import { assertVoucher, limitWanted } from "./direct-voucher.ts";

const client = `run_${"a".repeat(52)}` as RunnerId;
const provider = `run_${"b".repeat(51)}a` as RunnerId;
const sha256 = "0".repeat(64);
const NOW = 1_000_000_000;
const offer = DirectOffer.parse({
  type: "infernet.direct-offer.v1",
  id: "1".repeat(32),
  ...{ client, provider, model: sha256, rows: 2 },
  inputs: { sha256, bytes: 2 },
  payment: { kind: "free" },
  price_micro_max: "0",
  ...{ issued_ms: NOW, deadline_ms: NOW + 60_000 },
});
const free: DirectPolicy = { payments: ["free"], allow: null };
const idle: DirectLoad = { availability: "open", open: 0, open_of_client: 0, kept: 0, kept_of_client: 0 };

const codeOf = (
  change: Partial<DirectOffer>,
  policy: Partial<DirectPolicy> = {},
  load: Partial<DirectLoad> = {},
  now_ms = NOW,
): string => {
  try {
    assertOffer(
      { ...offer, ...change },
      client,
      provider,
      { ...free, ...policy },
      { ...idle, ...load },
      now_ms,
    );
    return "taken";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("an offer", () => {
  it("is taken at the edges of what is allowed, and refused beyond them", () => {
    const skew_ms = LIMITS.peer_clock_skew_ms_max;
    expect(codeOf({})).toBe("taken");
    expect(codeOf({}, {}, {}, NOW - skew_ms)).toBe("taken");
    expect(codeOf({}, {}, {}, NOW - skew_ms - 1)).toBe("clock_skew");
    expect(codeOf({}, {}, {}, NOW + 59_999)).toBe("taken");
    expect(codeOf({}, {}, {}, NOW + 60_000)).toBe("expired");
    expect(codeOf({ deadline_ms: NOW + LIMITS.direct_offer_ms_max })).toBe("taken");
    expect(codeOf({ deadline_ms: NOW + LIMITS.direct_offer_ms_max + 1 })).toBe("too_lasting");
    expect(codeOf({}, {}, { open: LIMITS.direct_jobs_max - 1 })).toBe("taken");
    expect(codeOf({}, {}, { open: LIMITS.direct_jobs_max })).toBe("busy");
    expect(codeOf({}, {}, { open_of_client: LIMITS.direct_jobs_per_client_max })).toBe("busy");
    expect(codeOf({}, {}, { kept_of_client: LIMITS.direct_offers_per_client_max })).toBe("busy");
  });

  it("is remembered for as long as anybody could take it, whatever their clock says", () => {
    expect(rememberedUntil(offer)).toBe(NOW + 60_000 + 2 * LIMITS.peer_clock_skew_ms_max);
  });

  it("of another client, or for another provider, is not this connection's", () => {
    expect(codeOf({ client: provider })).toBe("offer_invalid");
    expect(codeOf({ provider: client })).toBe("offer_invalid");
    expect(codeOf({}, { allow: [provider] })).toBe("not_allowed");
    expect(codeOf({}, { allow: [client] })).toBe("taken");
  });
});

test("a job costs its rows' declared time at the provider's rate, rounded up once", () => {
  const hour_us = 3_600_000_000;
  expect(quoteDirect(2, hour_us, 70_000n)).toBe(140_000n);
  expect(quoteDirect(3, 1, 70_000n)).toBe(1n);
  expect(quoteDirect(3, hour_us, 0n)).toBe(0n);
});

test("a voucher goes on from what was promised or was paid, whichever is more", () => {
  expect(limitWanted(5n, 3n, 2n)).toBe(7n);
  expect(limitWanted(3n, 5n, 2n)).toBe(7n);
  const escrow = {
    ...{ address: "e", aggregator: "p", mint: "m", isForProviderAlone: true },
    ...{ opened_slot: 1n, deadline: 1n, deposited: 7n, paid: 0n },
  };
  const voucher = { escrow: "e", opened_slot: 1n, limit: 7n };
  expect(() => assertVoucher(escrow, voucher, 7n)).not.toThrow();
  expect(() => assertVoucher(escrow, voucher, 8n)).toThrow(
    "the voucher allows 7; with this job it must be 8",
  );
  expect(() => assertVoucher(escrow, { ...voucher, limit: 8n }, 8n)).toThrow("has had 7 in all");
  expect(() => assertVoucher(escrow, { ...voucher, opened_slot: 2n }, 7n)).toThrow("opened at 1");
  expect(() => assertVoucher(escrow, { ...voucher, escrow: "f" }, 7n)).toThrow("is for f");
});

test("a session goes forward message by message, and whatever is out of turn ends it", () => {
  const step = (type: DirectStep["type"], of = offer.id): DirectStep =>
    ({ by: "client", type, offer: of }) as DirectStep;
  const run = (...types: DirectStep["type"][]): DirectSession | null =>
    types.reduce<DirectSession | null>((at, type) => at && advanceSession(at, step(type)), IDLE);
  expect(run("offer", "accepted", "inputs", "result", "receipt")).toEqual(IDLE);
  expect(run("offer", "result", "receipt", "offer")).toMatchObject({ at: "offered" });
  expect(run("offer", "accepted", "inputs", "refused")).toEqual(IDLE);
  expect(run("offer", "accepted", "inputs", "result", "offer")).toMatchObject({ at: "offered" });
  for (const wrong of [
    ["inputs"],
    ["receipt"],
    ["offer", "offer"],
    ["offer", "inputs"],
    ["offer", "accepted", "inputs", "inputs"],
    ["offer", "accepted", "result"],
    ["offer", "accepted", "inputs", "result", "inputs"],
  ] as DirectStep["type"][][])
    expect(run(...wrong)).toBeNull();
  const other = DirectOffer.shape.id.parse("2".repeat(32));
  expect(advanceSession({ at: "accepted", offer: offer.id }, step("inputs", other))).toBeNull();
});

test("those that take the job are asked in the order of their price, the busy ones last", () => {
  const [model] = samplePeerRecord().models;
  if (model === undefined) throw new Error("the sample has no model");
  const peer = (rate: string, change: Parameters<typeof samplePeerRecord>[0] = {}) =>
    samplePeerRecord({
      services: ["job"],
      direct: { payments: ["free"], micro_per_core_hour: rate },
      ...change,
    });
  const cheap = peer("1");
  const dear = peer("9");
  const busy = peer("0", { availability: "busy" });
  const others = [
    peer("0", { availability: "paused" }),
    peer("0", { services: [] }),
    peer("0", { models: [] }),
  ];
  expect(orderCandidates([busy, dear, ...others, cheap], model, "free")).toEqual([cheap, dear, busy]);
  expect(orderCandidates([cheap], model, "voucher")).toEqual([]);
});
