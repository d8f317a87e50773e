import { isCompletion, type TokenPart } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { GenerationSession } from "../../engine.ts";
import { requestOf } from "./tinylm.ts";

/** A completion that nothing disturbed. */
export interface WholeCompletion {
  request: GenerationRequest;
  parts: TokenPart[];
  /** All that must be equal, as text. */
  outcome: string;
}

export interface InterruptionReport {
  interrupted: number;
  /** Of those that came out otherwise, what they should have been and what they were. */
  different: { position: number; expected: string; found: string }[];
}

const PATIENT = { timeout_ms: 120_000, signal: new AbortController().signal };
const AT_ONCE = 16;
const OPENINGS = [
  "This program is free software",
  "You may copy and distribute",
  "The licenses for most",
  "If",
];

/** Completions one after the other, alone in a session: at temperature 0 and 0.8, of prompts of 1 to 60 tokens. */
export async function makeCompletions(
  [session]: readonly GenerationSession[],
  { count, random }: { count: number; random: () => number },
): Promise<WholeCompletion[]> {
  const whole: WholeCompletion[] = [];
  for (let i = 0; i < count; i++) {
    const opening = OPENINGS[i % OPENINGS.length] ?? "";
    const prompt = `${opening} ${"of it ".repeat(Math.floor(random() * 25))}`.trim();
    const request = requestOf(prompt, {
      temperature: i % 2 === 0 ? 0 : 0.8,
      top_p: i % 4 === 1 ? 0.9 : 1,
      seed: i,
      tokens_max: 16 + Math.floor(random() * 100),
    });
    const parts: TokenPart[] = [];
    whole.push({ request, parts, outcome: await outcomeOf(session, request, parts, null) });
  }
  return whole;
}

/** Makes them again, begun anew at a random position each, many at once, so that others come and go. */
export async function interruptAtRandom(
  sessions: readonly GenerationSession[],
  whole: readonly WholeCompletion[],
  { interruptions, random }: { interruptions: number; random: () => number },
): Promise<InterruptionReport> {
  const report: InterruptionReport = { interrupted: 0, different: [] };
  const worker = async (): Promise<void> => {
    while (report.interrupted < interruptions) {
      report.interrupted += 1;
      const one = whole[Math.floor(random() * whole.length)];
      const session = sessions[Math.floor(random() * sessions.length)];
      if (!one) continue;
      const position = Math.floor(random() * (one.parts.length + 1));
      const rest: TokenPart[] = [];
      const found = await outcomeOf(session, one.request, rest, one.parts.slice(0, position));
      const isSame =
        found === one.outcome && JSON.stringify(rest) === JSON.stringify(one.parts.slice(position));
      if (!isSame) report.different.push({ position, expected: one.outcome, found });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return report;
}

async function outcomeOf(
  session: GenerationSession | undefined,
  request: GenerationRequest,
  parts: TokenPart[],
  before: readonly TokenPart[] | null,
): Promise<string> {
  const given = before && {
    tokens: before.flatMap(({ token }) => (token === null ? [] : [token])),
    positions: before.length,
    text: before.map(({ text }) => text).join(""),
  };
  const run = await session?.generate(request, { ...PATIENT, given, onPart: (part) => parts.push(part) });
  if (!run || !isCompletion(run.generation)) return JSON.stringify(run?.generation);
  const { text, tokens, finish_reason } = run.generation;
  return JSON.stringify({ text, tokens, finish_reason });
}
