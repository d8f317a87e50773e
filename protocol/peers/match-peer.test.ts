import { NetworkId } from "@infernet/schemas/commitment";
import { Sha256 } from "@infernet/schemas/digest";
import { RunnerId } from "@infernet/schemas/ids";
import type { Attestation } from "@infernet/schemas/peer/attestation";
import { labelsOf } from "@infernet/schemas/peer/discovery-label";
import type { PeerQuery } from "@infernet/schemas/peer/peer-query";
import { samplePeerRecord } from "@infernet/schemas/testing/sample-peer-record";
import { describe, expect, test } from "vitest";
import { labelsToAsk } from "./labels-to-ask.ts";
import { isWanted } from "./match-peer.ts";
import { orderPeers } from "./order-peers.ts";
import { trustedScore } from "./trusted-score.ts";

const record = samplePeerRecord();
const networks = [NetworkId.parse(`net_${"A".repeat(43)}`)];

const fitting: [string, PeerQuery][] = [
  ["nothing", {}],
  ["its model", { model: record.models[0] }],
  ["24 GiB, of which its driver reports a little less", { vram_gib_min: 24 }],
  [
    "an engine on its provider in a sandbox",
    { engine: "onnx", execution_provider: "cuda", sandbox_min: "process" },
  ],
  ["one of several regions", { regions: ["us", "eu-west"] }],
  ["a price that it asks for", { micro_per_core_hour_max: "2500" }],
  ["what it takes for direct jobs", { payment: "voucher", micro_per_core_hour_max: "3000" }],
  ["a service", { service: "blob" }],
  ["a score by a trusted network", { trusted: { networks, score_min: 0.9 } }],
];
const unfitting: [string, PeerQuery][] = [
  ["another model", { model: Sha256.parse("b".repeat(64)) }],
  ["more GPU memory", { vram_gib_min: 32 }],
  ["more memory", { memory_bytes_min: 65 * 1024 ** 3 }],
  ["another region", { regions: ["us"] }],
  ["an engine that it has on another provider", { engine: "wasm", execution_provider: "cuda" }],
  ["a sandbox that only another of its engines has", { engine: "wasm", sandbox_min: "bwrap" }],
  ["a lower price", { micro_per_core_hour_max: "2499" }],
  ["a lower price of direct jobs", { service: "job", micro_per_core_hour_max: "2999" }],
  ["a payment that it does not take", { payment: "free" }],
  ["another service", { service: "relay" }],
  ["a better score", { trusted: { networks, score_min: 0.91 } }],
];

describe("a machine is wanted that has", () => {
  test.each(fitting)("%s", (_, query) => {
    expect(isWanted({ record, score: 0.9 }, query)).toBe(true);
    // Whoever is wanted is found: one of the labels that are asked is the machine's.
    const labels = labelsOf(record);
    expect(labelsToAsk(query).filter((label) => labels.includes(label))).toHaveLength(1);
  });
});

describe("a machine is not wanted where the query wants", () => {
  test.each(unfitting)("%s", (_, query) => {
    expect(isWanted({ record, score: 0.9 }, query)).toBe(false);
  });
});

test("one that nobody trusted knows is not wanted where a score is", () => {
  expect(isWanted({ record, score: null }, { trusted: { networks, score_min: 0 } })).toBe(false);
});

test("one that has stopped is never wanted, one that is busy only where that does not matter", () => {
  const gone = samplePeerRecord({ availability: "gone" });
  const busy = samplePeerRecord({ availability: "busy" });
  expect(isWanted({ record: gone, score: 1 }, {})).toBe(false);
  expect([
    isWanted({ record: busy, score: 1 }, {}),
    isWanted({ record: busy, score: 1 }, { open: true }),
  ]).toEqual([true, false]);
});

test("a bound between two classes asks for the class below it too, whose upper machines reach it", () => {
  expect(labelsToAsk({ engine: "onnx", vram_gib_min: 90 })).toEqual(
    [80, 96, 141, 192].map((gib) => `infernet/1/class/onnx/${gib}`),
  );
});

test("of several trusted words the lowest counts, a ban is 0, and words of others are none", () => {
  const word = (network: string, score: number, banned = false): Attestation => ({
    type: "infernet.attestation.v1",
    network: NetworkId.parse(network),
    runner: record.runner,
    ...{ score, banned, shards_completed: 1, shards_failed: 0, shards_expired: 0, audits_passed: 0 },
    ...{ convictions: 0, uptime: null, latency_p50_ms: null, issued_ms: 0, expires_ms: 1 },
  });
  const a = `net_${"A".repeat(43)}`;
  const b = `net_${"B".repeat(42)}A`;
  const trusted = [NetworkId.parse(a), NetworkId.parse(b)];
  expect(trustedScore([word(a, 0.9), word(b, 0.7)], trusted)).toBe(0.7);
  expect(trustedScore([word(a, 0.9), word(b, 0.9, true)], trusted)).toBe(0);
  expect(trustedScore([word(b, 0.9)], [NetworkId.parse(a)])).toBeNull();
});

test("peers come in one order whatever order they were found in: open, trusted, cheap, large, then by id", () => {
  const peer = (id: string, changes: Parameters<typeof samplePeerRecord>[0], score: number | null) => ({
    record: samplePeerRecord({ runner: RunnerId.parse(`run_${id.repeat(52)}`), ...changes }),
    score,
  });
  const price = (micro: string) => ({
    capability: { ...record.capability, asking_micro_per_core_hour: micro },
  });
  const ordered = [
    peer("z", {}, 0.9),
    peer("y", price("1"), 0.5),
    peer("x", price("2"), 0.5),
    peer("b", {}, null),
    peer("c", {}, null),
    peer("a", { availability: "busy" }, 1),
  ];
  expect(orderPeers(ordered.toReversed(), {})).toEqual(ordered);
  expect(orderPeers(ordered, {})).toEqual(ordered);
});
