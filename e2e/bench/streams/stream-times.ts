import type { CompletionAsked } from "../../network/chat-client.ts";
import { quantile } from "../quantile.ts";

/** When a completion was asked for, and when each piece of it came, in ms of one clock. */
export interface StreamTimes {
  asked_ms: number;
  heard_ms: readonly number[];
}

/** Latencies of many completions, in ms. */
export interface Latency {
  first_p50: number;
  gap_p50: number;
  gap_p99: number;
}

export function latencyOf(streams: readonly StreamTimes[]): Latency {
  const firsts = streams.map(({ asked_ms, heard_ms }) => (heard_ms[0] ?? Number.NaN) - asked_ms);
  const gaps = streams.flatMap(({ heard_ms }) => heard_ms.slice(1).map((at, n) => at - (heard_ms[n] ?? at)));
  return { first_p50: quantile(firsts, 0.5), gap_p50: quantile(gaps, 0.5), gap_p99: quantile(gaps, 0.99) };
}

const PROMPTS = [
  "This program is free software",
  "You may convey a covered work",
  "The statement is executed",
  "If the",
];

/** Requests that differ in prompt and seed, so that nothing of one serves another but its first words. */
export const askedFor = (count: number, tokens: number, first_seed = 0): CompletionAsked[] =>
  Array.from({ length: count }, (_, n) => ({
    prompt: PROMPTS[n % PROMPTS.length] ?? "",
    seed: first_seed + n,
    tokens,
  }));
