import { z } from "zod";

/**
 * What a workload is held to, from least to most. `none`: a child process of the runner's user. `process`: one with limits
 * on memory and without rights to write, as far as Node can withhold them. `bwrap`: namespaces of its own, no network, no
 * file but its own, system calls filtered (Linux). `oci`: a container without network or capabilities. `gvisor`: the same
 * on a kernel of its own.
 */
export const SandboxLevel = z
  .enum(["none", "process", "bwrap", "oci", "gvisor"])
  .meta({ id: "SandboxLevel" });
export type SandboxLevel = z.infer<typeof SandboxLevel>;

/** Whether a sandbox holds a workload to at least what another does. */
export const reachesSandbox = (level: SandboxLevel, wanted: SandboxLevel): boolean =>
  SandboxLevel.options.indexOf(level) >= SandboxLevel.options.indexOf(wanted);
