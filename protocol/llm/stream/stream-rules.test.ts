import { formatLeaseId, formatPartition, LeaseId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { StreamDelta } from "@infernet/schemas/llm/stream-message";
import { tokenUnits } from "@infernet/schemas/llm/token-units";
import { describe, expect, it } from "vitest";
import { sampleJob, sampleRunner } from "../../testing/sample-ids.ts";
import { assertAllowed, assertContinues, listRest } from "./assert-completion.ts";
import { ShardStream } from "./shard-stream.ts";
import { listBegun, splitUnits } from "./split-units.ts";
import { isLost, lostAt } from "./stream-loss.ts";
import { takeDelta } from "./take-delta.ts";

const CPU = "llm/1.0.0/cpu/fp32";
const CUDA = "llm/1.0.0/cuda/fp32";
const [anna, bert] = [sampleRunner(1), sampleRunner(2)];
const leaseOf = (n: number): LeaseId =>
  LeaseId.parse(formatLeaseId(formatPartition(1), n.toString(16).padStart(32, "0"), 0));

const partsFrom = (start: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ token: start + n, text: ` ${start + n}`, logprob: null }));

const delta = (start: number, count: number, changes: Partial<StreamDelta> = {}): StreamDelta => ({
  lease_id: leaseOf(1),
  job_id: sampleJob(1),
  shard: 0,
  start,
  execution_class: CPU,
  parts: partsFrom(start, count),
  blocks: [],
  ...changes,
});

const rules = { tokens_max: 100, has_tokens: true, machine_class: null };

/** 40 positions by one, 20 more by another. */
function twoMakers(): ShardStream {
  const stream = new ShardStream(0);
  takeDelta(stream, anna, delta(0, 40), rules);
  takeDelta(stream, bert, delta(40, 20, { lease_id: leaseOf(2) }), rules);
  return stream;
}

describe("a delta", () => {
  it("is taken as far as it is new", () => {
    const stream = new ShardStream(0);
    expect(takeDelta(stream, anna, delta(0, 10), rules)).toEqual({ kind: "taken", fresh: 10 });
    expect(takeDelta(stream, anna, delta(4, 10), rules)).toEqual({ kind: "taken", fresh: 4 });
    expect(takeDelta(stream, anna, delta(2, 3), rules)).toEqual({ kind: "taken", fresh: 0 });
    expect(takeDelta(stream, anna, delta(20, 1), rules)).toEqual({ kind: "gap", from: 14 });
    expect(stream.text).toBe(
      partsFrom(0, 14)
        .map(({ text }) => text)
        .join(""),
    );
    expect(stream.makers).toEqual([
      { runner: anna, lease_id: leaseOf(1), execution_class: CPU, start: 0, positions: 14 },
    ]);
  });

  it.each([
    ["another token", delta(0, 1, { parts: [{ token: 9, text: " 0", logprob: null }] }), rules],
    ["another text", delta(0, 1, { parts: [{ token: 0, text: "x", logprob: null }] }), rules],
    ["more than the request allows", delta(5, 200), rules],
    ["no token", delta(5, 1, { parts: [{ token: null, text: "", logprob: null }] }), rules],
    ["no class", delta(5, 1, { execution_class: null }), rules],
    ["another class under one lease", delta(5, 1, { execution_class: CUDA }), rules],
    ["a class that may not go on", delta(5, 1), { ...rules, machine_class: "llm/1.0.0/cuda" }],
  ])("is refused with %s", (_, next, held) => {
    const stream = new ShardStream(0);
    takeDelta(stream, anna, delta(0, 5), rules);
    expect(takeDelta(stream, anna, next, held).kind).toBe("refused");
    expect(stream.positions).toBe(5);
  });
});

describe("pay", () => {
  const usage = { prompt_tokens: 7, cached_tokens: 3, completion_tokens: 60 };

  it("is split by positions, the prompt to who began, and adds up", () => {
    const { units = 0, begun = [] } = splitUnits(0, twoMakers().makers, leaseOf(2), usage);
    expect(begun).toEqual([
      { shard: 0, runner: anna, lease_id: leaseOf(1), start: 0, positions: 40, units: 43 + 1_600 },
    ]);
    expect(units).toBe(800);
    expect(units + (begun[0]?.units ?? 0)).toBe(tokenUnits(usage));
  });

  it("is never more than the whole, whatever a finisher says of its usage", () => {
    const short = { ...usage, completion_tokens: 10 };
    const { units = 0, begun = [] } = splitUnits(0, twoMakers().makers, leaseOf(3), short);
    expect(units + begun.reduce((sum, one) => sum + one.units, 0)).toBe(tokenUnits(short));
  });

  it("of what nobody finished is for what was delivered", () => {
    expect(listBegun(3, twoMakers().makers, 7).map(({ shard, units }) => [shard, units])).toEqual([
      [3, 70 + 1_600],
      [3, 800],
    ]);
  });
});

describe("an answer", () => {
  const completion = {
    text: partsFrom(0, 62)
      .map(({ text }) => text)
      .join(""),
    tokens: partsFrom(0, 62).map(({ token }) => token),
    finish_reason: "stop" as const,
    usage: { prompt_tokens: 7, cached_tokens: 0, completion_tokens: 62 },
    logprobs: null,
    evidence: null,
  };
  const allowance = { tokens_max: 100, prompt_tokens_max: 20, context_tokens: 100 };

  it("begins with what was delivered, and its rest completes it", () => {
    const stream = twoMakers();
    assertContinues(0, completion, stream);
    const { parts, rest } = listRest(completion, stream, leaseOf(2));
    expect(rest).toBe("");
    expect(stream.text + parts.map(({ text }) => text).join("")).toBe(completion.text);
  });

  it("puts the text of each position where it came, as far as its maker says so", () => {
    const stream = twoMakers();
    const { start } = stream.makers.at(-1) ?? { start: 0 };
    const own = completion.tokens.slice(start);
    const cuts = own.map((token) => ` ${token}`.length);
    const { parts, rest } = listRest({ ...completion, cuts }, stream, leaseOf(2));
    expect(parts.map(({ text }) => text)).toEqual(parts.map(({ token }) => ` ${token}`));
    expect(rest).toBe("");
    const short = listRest({ ...completion, cuts: cuts.slice(0, -1) }, stream, leaseOf(2));
    expect(short.rest).toBe(` ${own.at(-1)}`);
  });

  it.each([
    ["another token", { tokens: completion.tokens.with(3, 1) }],
    ["fewer tokens", { tokens: completion.tokens.slice(0, 50) }],
    ["another text", { text: "x" }],
  ])("that has %s than was delivered is refused", (_, changes) => {
    expect(() => assertContinues(0, { ...completion, ...changes }, twoMakers())).toThrow(/delivered/);
  });

  it.each([
    ["as many tokens as its usage counts", { usage: { ...completion.usage, completion_tokens: 3 } }, {}],
    ["no more than the request allows", {}, { tokens_max: 61 }],
    ["a prompt that there can be", { usage: { ...completion.usage, prompt_tokens: 21 } }, {}],
    ["no more kept than there was", { usage: { ...completion.usage, cached_tokens: 8 } }, {}],
    ["room in the model", {}, { context_tokens: 68 }],
  ])("has %s", (_, changes, less) => {
    assertAllowed(0, completion, allowance);
    expect(() => assertAllowed(0, { ...completion, ...changes }, { ...allowance, ...less })).toThrow(/row 0/);
  });
});

it("a holder is lost by silence, sooner where its connection broke, and in the end without progress", () => {
  const holder = {
    shard: 0,
    lease_id: leaseOf(1),
    runner: anna,
    heard_ms: 1_000,
    progressed_ms: 1_000,
    closed_ms: null,
  };
  expect(lostAt(holder)).toBe(1_000 + LIMITS.stream_silence_ms_max);
  expect(lostAt({ ...holder, closed_ms: 1_200 })).toBe(1_200 + LIMITS.stream_return_ms_max);
  const beating = { ...holder, heard_ms: 1_000_000 };
  expect(isLost(beating, 1_000_001)).toBe(true);
});
