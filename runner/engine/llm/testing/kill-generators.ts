import { setTimeout as sleep } from "node:timers/promises";
import { isCompletion, type TokenPart } from "@infernet/schemas/llm/generation";
import type { LlmSession } from "../llm-session.ts";
import type { WholeCompletion } from "./interrupt-at-random.ts";

export interface GeneratorKillReport {
  kills: number;
  completions: number;
  /** Completions that failed or came out otherwise, and what was said of them. */
  lost: string[];
}

const PATIENT = { timeout_ms: 120_000, signal: new AbortController().signal, given: null };
const AT_ONCE = 8;
const PAUSE_MS_MAX = 30;
const LOOK_MS = 2;

/** Kills the process of a session with SIGKILL again and again while it makes the same completions anew, several at once. */
export async function killGenerators(
  session: LlmSession,
  whole: readonly WholeCompletion[],
  { kills, random }: { kills: number; random: () => number },
): Promise<GeneratorKillReport> {
  const report: GeneratorKillReport = { kills: 0, completions: 0, lost: [] };
  /** Of those that are at work, the ones that came further since the last kill. */
  const further = new Set<number>();
  const worker = async (_: unknown, number: number): Promise<void> => {
    while (report.kills < kills) {
      const one = whole[Math.floor(random() * whole.length)];
      if (!one) return;
      const parts: TokenPart[] = [];
      const onPart = (part: TokenPart): void => {
        parts.push(part);
        further.add(number);
      };
      const found = await session.generate(one.request, { ...PATIENT, onPart }).then(
        ({ generation }) => (isCompletion(generation) ? generation.text : JSON.stringify(generation)),
        (error: unknown) => String(error),
      );
      report.completions += 1;
      if (JSON.stringify(parts) !== JSON.stringify(one.parts)) report.lost.push(found);
    }
  };
  const killer = async (): Promise<void> => {
    let watched = session.pid;
    while (report.kills < kills) {
      await sleep(LOOK_MS);
      if (session.pid !== watched) further.clear();
      watched = session.pid;
      // Each comes further in each process, so that none meets more kills in a row than it is begun anew for.
      if (further.size < AT_ONCE || watched === undefined) continue;
      await sleep(random() * PAUSE_MS_MAX);
      process.kill(watched, "SIGKILL");
      report.kills += 1;
      while (session.pid === watched) await sleep(LOOK_MS);
    }
  };
  await Promise.all([killer(), ...Array.from({ length: AT_ONCE }, worker)]);
  return report;
}
