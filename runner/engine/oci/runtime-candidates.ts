import type { SandboxLevel } from "@infernet/schemas/sandbox";
import type { ContainerEngine } from "./container-engine.ts";

export type ContainerLevel = Extract<SandboxLevel, "oci" | "gvisor">;

/** An OCI runtime as a container engine is told to use it. */
export interface RuntimeChoice {
  level: ContainerLevel;
  /** As an operator knows it, as in `runc`. */
  name: string;
  /** For podman they stand before the command, for the others behind it. */
  args: readonly string[];
}

/**
 * The runtimes that may work here, the first that does being the best of its level. crun is the lightest, and refuses
 * machines whose cgroups are half of version 1; runc takes those.
 */
export function runtimeCandidates({
  cli,
  runtimes,
}: Pick<ContainerEngine, "cli" | "runtimes">): RuntimeChoice[] {
  switch (cli.name) {
    case "podman":
      return [
        // Networking of its own would be one more way out; `none` leaves a loopback.
        { level: "gvisor", name: "runsc", args: ["--runtime", "runsc", "--runtime-flag", "network=none"] },
        { level: "oci", name: "crun", args: ["--runtime", "crun"] },
        { level: "oci", name: "runc", args: ["--runtime", "runc"] },
      ];
    case "docker":
      return [
        ...(runtimes.includes("runsc") ? [named("gvisor", "runsc", "runsc")] : []),
        { level: "oci", name: "the default runtime", args: [] },
      ];
    case "nerdctl":
      return [
        named("gvisor", "runsc", "io.containerd.runsc.v1"),
        { level: "oci", name: "the default runtime", args: [] },
      ];
    default:
      return cli.name satisfies never;
  }
}

const named = (level: ContainerLevel, name: string, runtime: string): RuntimeChoice => ({
  level,
  name,
  args: ["--runtime", runtime],
});
