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
  /** From least to most. */
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

/** What this machine can hold a child process to, each level tried by really running something in it. */
export async function detectSandboxes(): Promise<DetectedSandboxes> {
  const tried = await Promise.all([tryNone(), tryProcess(), tryBwrap()]);
  return {
    findings: tried.map(({ level, sandbox, reason, fix }) => ({
      level,
      usable: sandbox !== null,
      reason,
      fix,
    })),
    best: tried.findLast(({ sandbox }) => sandbox !== null)?.sandbox ?? plainSandbox,
  };
}
