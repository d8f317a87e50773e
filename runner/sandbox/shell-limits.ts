/** Open files of a child: its channel, its code, a model's file at a time. */
const OPEN_FILES_MAX = 256;

const KIB = 1024;

export interface ShellLimits {
  /** Most bytes of memory that the process may map for writing; null for no limit. */
  data_bytes_max: number | null;
  /** Whether it may write to files that only memory stands for, as drivers of GPUs do: the limit knows no difference. */
  gpu: boolean;
}

/**
 * A command line that sets limits of the kernel (setrlimit(2)) on itself and then becomes `command`: Node has no call for
 * them. They hold for whatever it starts, and cannot be raised again: no core dumps, which would be private data on disk;
 * no byte written to a file, except for a GPU's driver; few open files; `data_bytes_max`.
 */
export function limitedCommand(command: readonly string[], { data_bytes_max, gpu }: ShellLimits): string[] {
  const data = data_bytes_max === null ? [] : [`ulimit -d ${Math.floor(data_bytes_max / KIB)}`];
  const files = gpu ? [] : ["ulimit -f 0"];
  const limits = ["ulimit -c 0", `ulimit -n ${OPEN_FILES_MAX}`, ...files, ...data];
  return ["/bin/sh", "-c", `${limits.join(" && ")} && exec "$@"`, "sh", ...command];
}
