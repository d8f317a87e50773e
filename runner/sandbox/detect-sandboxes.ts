import type { SandboxLevel } from "@infernet/schemas/sandbox";
import { plainSandbox } from "./plain-sandbox.ts";
import type { Sandbox } from "./sandbox.ts";
import type { TriedSandbox } from "./tried-sandbox.ts";
import { tryBwrap } from "./try-bwrap.ts";
import { tryProcess } from "./try-process.ts";

/** Whether this machine has a level, and where it does not, why and what its owner can do about it. */
export interface SandboxFinding {
  level: SandboxLevel;
  usable: boolean;
  reason: string | null;
  fix: string | null;
}

export interface DetectedSandboxes {
  /** Of the levels that were tried, from least to most. */
  findings: SandboxFinding[];
  /** The most that a child process of this package can be held to here. */
  best: Sandbox;
}

const tryNone = async (): Promise<TriedSandbox> => ({
  level: "none",
  sandbox: plainSandbox,
  reason: null,
  fix: null,
});

/** From most to least. */
const ATTEMPTS = [tryBwrap, tryProcess, tryNone];

/** What this machine can hold a child process to, each level tried by really running something in it. */
export async function detectSandboxes(): Promise<DetectedSandboxes> {
  return summarize(await Promise.all(ATTEMPTS.map((attempt) => attempt())));
}

/** The most that it can hold one to, with no level tried below that: for starts that have no time for the others. */
export async function findBestSandbox(): Promise<DetectedSandboxes> {
  const tried: TriedSandbox[] = [];
  for (const attempt of ATTEMPTS) {
    const one = await attempt();
    tried.push(one);
    if (one.sandbox !== null) break;
  }
  return summarize(tried);
}

/** @param tried from most to least */
const summarize = (tried: readonly TriedSandbox[]): DetectedSandboxes => ({
  findings: tried
    .map(({ level, sandbox, reason, fix }) => ({ level, usable: sandbox !== null, reason, fix }))
    .reverse(),
  best: tried.find(({ sandbox }) => sandbox !== null)?.sandbox ?? plainSandbox,
});
