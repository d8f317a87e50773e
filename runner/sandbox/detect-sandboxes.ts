import type { SandboxLevel } from "@infernet/schemas/sandbox";
import { plainSandbox } from "./plain-sandbox.ts";
import type { Sandbox } from "./sandbox.ts";

/** Whether this machine has a level, and where it does not, why and what its owner can do about it. */
export interface SandboxFinding {
  level: SandboxLevel;
  usable: boolean;
  reason: string | null;
  fix: string | null;
}

/** One level, tried by running something in it. Resolves with null where that worked. */
export interface SandboxProbe {
  level: SandboxLevel;
  probe(): Promise<{ reason: string; fix: string } | null>;
}

/** From least to most; `oci` and `gvisor` hold whole containers and start no child of this package. */
const PROBES: readonly SandboxProbe[] = [{ level: plainSandbox.level, probe: async () => null }];

/** What starts children of this package, from least to most. */
const CHILD_SANDBOXES: readonly Sandbox[] = [plainSandbox];

/** What this machine can hold a workload to, from least to most, each level tried by really running something in it. */
export function detectSandboxes(): Promise<SandboxFinding[]> {
  return Promise.all(
    PROBES.map(async ({ level, probe }) => {
      const trouble = await probe();
      return { level, usable: trouble === null, reason: trouble?.reason ?? null, fix: trouble?.fix ?? null };
    }),
  );
}

/** The most that a child process of this package can be held to here. */
export function bestChildSandbox(findings: readonly SandboxFinding[]): Sandbox {
  const isUsable = ({ level }: Sandbox): boolean =>
    findings.some((finding) => finding.level === level && finding.usable);
  return CHILD_SANDBOXES.findLast(isUsable) ?? plainSandbox;
}
