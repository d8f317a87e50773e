import { realpathSync } from "node:fs";
import { release } from "node:os";
import type { Writable } from "node:stream";
import { childEnvironment } from "./child-environment.ts";
import { codeFolders } from "./code-folders.ts";
import { findProgram } from "./find-program.ts";
import type { ChildProgram, Sandbox } from "./sandbox.ts";
import { engineFilter } from "./seccomp/engine-filter.ts";
import type { FilteredArch } from "./seccomp/system-calls.ts";
import { limitedCommand } from "./shell-limits.ts";
import { CHANNEL_FD, spawnChild } from "./spawn-child.ts";
import { DRIVER_VARIABLES, gpuMounts, libraryMounts } from "./system-mounts.ts";

/** File descriptor from which bwrap reads the filter; the program never sees it. */
const FILTER_FD = CHANNEL_FD + 1;

/** `nobody` inside; outside it is the runner's user, whose model files it can read. */
const NOBODY = "65534";

/** Of a child: an engine's, one for each core, and some of Node's. */
const THREADS_MAX = 1_024;

export interface BwrapOptions {
  /** Absolute path of bubblewrap. */
  bwrap: string;
  arch: FilteredArch;
  /** What Node itself maps for writing before it runs anything: it comes on top of a program's memory. */
  node_data_bytes: number;
}

/**
 * A child in namespaces of its own (bubblewrap): no network, no other process, no file but its code and what it is given,
 * none of it to be written, no memory beyond its limit, no system call that it has no use for. It ends with the runner.
 */
export function createBwrapSandbox({ bwrap, arch, node_data_bytes }: BwrapOptions): Sandbox {
  return {
    level: "bwrap",
    launch: (program) => {
      const { memory_bytes_max, gpu } = program;
      const data_bytes_max = memory_bytes_max === null ? null : node_data_bytes + memory_bytes_max;
      const command = limitedCommand([bwrap, ...bwrapArguments(program)], { data_bytes_max, gpu });
      // What bwrap is started with shows in the sandbox as the environment of its first process: no more than the child's.
      const child = spawnChild(command, childEnvironment(process.env, {}), ["pipe"]);
      const filter = child.stdio[FILTER_FD] as Writable | null | undefined;
      // A bwrap that ends before it reads is told by its exit.
      filter?.on("error", () => undefined).end(engineFilter(arch, gpu));
      return child;
    },
  };
}

function bwrapArguments({ entry, reads, gpu, env }: ChildProgram): string[] {
  const node = realpathSync(process.execPath);
  const { folders, links } = codeFolders(entry);
  const limit = threadLimit();
  const [prlimit] = limit;
  const programs = prlimit === undefined ? [node] : [node, prlimit];
  const shown = [...programs, ...folders, ...reads].flatMap((path) => ["--ro-bind", path, path]);
  const linked = links.flatMap(({ path, target }) => ["--symlink", target, path]);
  const variables = Object.entries(insideEnvironment(env, gpu)).flatMap((pair) => ["--setenv", ...pair]);
  return [
    ...["--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"],
    ...["--cap-drop", "ALL", "--uid", NOBODY, "--gid", NOBODY, "--hostname", "infernet"],
    ...["--seccomp", String(FILTER_FD)],
    ...["--proc", "/proc", "--dev", "/dev", "--dir", "/tmp"],
    ...libraryMounts(),
    ...(gpu ? gpuMounts(process.env) : []),
    ...shown,
    ...linked,
    ...["--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/"],
    ...["--clearenv", ...variables, "--chdir", "/"],
    ...limit,
    ...[node, entry],
  ];
}

/**
 * The start of a command line that bounds the threads of what follows. It must be set inside: before, it would count all
 * that the runner's user does. Kernels before 5.14 count that inside too, and none holds root to it.
 */
function threadLimit(): string[] {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  const prlimit = findProgram("prlimit");
  const countsApart = major > 5 || (major === 5 && minor >= 14);
  return prlimit !== null && countsApart ? [realpathSync(prlimit), `--nproc=${THREADS_MAX}`] : [];
}

/** The channel's variables are Node's own, as it finds them in a child that it started itself. */
function insideEnvironment(env: ChildProgram["env"], gpu: boolean): Record<string, string> {
  const passed = gpu ? [...DRIVER_VARIABLES, "LD_LIBRARY_PATH"] : [];
  const own = passed.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(own),
    HOME: "/tmp",
    NODE_CHANNEL_FD: String(CHANNEL_FD),
    NODE_CHANNEL_SERIALIZATION_MODE: "advanced",
    ...env,
  };
}
