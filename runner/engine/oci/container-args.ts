import { LIMITS } from "@infernet/schemas/limits";
import type { ContainerCliName } from "./container-cli.ts";

/** A file of this machine that a container may read. */
export interface ReadOnlyMount {
  from: string;
  to: string;
}

export interface ContainerSpec {
  name: string;
  labels: Readonly<Record<string, string>>;
  /** Id of a local image: never a name, which another image may get. */
  image: string;
  memory_bytes: number;
  cpus: number;
  gpu: boolean;
  /** Whether its standard input is the runner's to write. */
  interactive: boolean;
  mounts: readonly ReadOnlyMount[];
  /** Instead of the image's own program, and what that gets. */
  program?: readonly [string, ...string[]];
}

/** The user nobody: a container's root is a larger target than its nobody. */
const NOBODY = "65534:65534";

/**
 * The arguments that start a container, with everything withheld from it that models do not need: docs/containers.md says
 * what each is for. The engine's own seccomp filter stays on, which is why none is named.
 *
 * @param runtime arguments that choose the OCI runtime; podman takes them before the command
 */
export function containerArgs(
  cli: ContainerCliName,
  runtime: readonly string[],
  spec: ContainerSpec,
): string[] {
  const { name, labels, image, interactive, mounts, program, memory_bytes, cpus } = spec;
  return [
    ...(cli === "podman" ? [...runtime, "run"] : ["run", ...runtime]),
    ...["--rm", "--name", name, "--pull", "never"],
    ...(interactive ? ["--interactive"] : []),
    ...Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
    ...["--network", "none", "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges"],
    ...["--user", NOBODY, "--log-driver", "none", "--stop-timeout", "0"],
    ...["--memory", String(memory_bytes), "--memory-swap", String(memory_bytes)],
    ...["--cpus", String(cpus), "--pids-limit", String(LIMITS.oci_pids_max)],
    // Named even where they lower nothing: without them a runtime tries to raise the defaults and may not.
    ...limitArgs("nofile", LIMITS.oci_open_files_max),
    ...limitArgs("nproc", LIMITS.oci_pids_max),
    ...limitArgs("core", 0),
    ...["--tmpfs", `/tmp:rw,noexec,nosuid,nodev,size=${LIMITS.oci_tmp_bytes_max}`],
    ...mounts.flatMap(({ from, to }) => ["--volume", `${from}:${to}:ro`]),
    ...ownArgs(cli),
    ...(spec.gpu ? gpuArgs(cli) : []),
    ...(program ? ["--entrypoint", program[0], image, ...program.slice(1)] : [image]),
  ];
}

const limitArgs = (name: string, value: number): string[] => ["--ulimit", `${name}=${value}:${value}`];

/** What each engine would do besides, unless told not to. */
function ownArgs(cli: ContainerCliName): string[] {
  switch (cli) {
    case "podman":
      return [
        // Two bytes that it takes for the wish to detach, this machine's proxies, a writable /run, systemd's mounts.
        ...["--detach-keys", "", "--http-proxy=false", "--read-only-tmpfs=false", "--systemd=false"],
        ...["--no-healthcheck", "--timeout", String(LIMITS.oci_container_seconds_max)],
      ];
    case "docker":
      return ["--no-healthcheck", ...PROXIES.flatMap((name) => ["--env", `${name}=`])];
    case "nerdctl":
      return [];
    default:
      return cli satisfies never;
  }
}

/** Docker passes on those of its user's configuration. */
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

const gpuArgs = (cli: ContainerCliName): string[] =>
  cli === "podman" ? ["--device", "nvidia.com/gpu=all"] : ["--gpus", "all"];
