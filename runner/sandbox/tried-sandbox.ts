import type { SandboxLevel } from "@infernet/schemas/sandbox";
import type { Sandbox } from "./sandbox.ts";

/** A level that was tried by running something in it: what starts children in it, or why it cannot be had and what would help. */
export type TriedSandbox =
  | { level: SandboxLevel; sandbox: Sandbox; reason: null; fix: null }
  | { level: SandboxLevel; sandbox: null; reason: string; fix: string };
