import { assembleFilter, type FilterRule, type Verdict } from "./assemble-filter.ts";
import { AUDIT_ARCH, type FilteredArch, type SystemCall, systemCallNumber } from "./system-calls.ts";

const EPERM: Verdict = { kind: "refuse", errno: 1 };
const ENOSYS: Verdict = { kind: "refuse", errno: 38 };
const KILL: Verdict = { kind: "kill" };

/** Flags of clone(2), mmap(2) and the commands of ioctl_tty(2) that put words into a terminal's mouth. */
const CLONE_THREAD = 0x10000;
const MAP_SHARED = 0x01;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;

/** Nothing that computes a model has a use for these: whoever calls one has been taken over. */
const NEVER_HONEST = [
  "acct",
  "add_key",
  "bpf",
  "chroot",
  "delete_module",
  "fanotify_init",
  "finit_module",
  "fsconfig",
  "fsmount",
  "fsopen",
  "fspick",
  "init_module",
  "ioperm",
  "iopl",
  "kexec_file_load",
  "kexec_load",
  "keyctl",
  "mount",
  "mount_setattr",
  "move_mount",
  "nfsservctl",
  "open_by_handle_at",
  "open_tree",
  "pidfd_getfd",
  "pivot_root",
  "process_vm_readv",
  "process_vm_writev",
  "ptrace",
  "quotactl",
  "quotactl_fd",
  "reboot",
  "request_key",
  "setns",
  "swapoff",
  "swapon",
  "syslog",
  "umount2",
  "unshare",
] as const satisfies SystemCall[];

/** Libraries try these and do without. */
const REFUSED = [
  "adjtimex",
  "clock_adjtime",
  "clock_settime",
  "fork",
  "io_uring_enter",
  "io_uring_register",
  "io_uring_setup",
  "kcmp",
  "lookup_dcookie",
  "memfd_secret",
  "modify_ldt",
  "mq_open",
  "msgget",
  "name_to_handle_at",
  "perf_event_open",
  "personality",
  "semget",
  "settimeofday",
  "shmget",
  // No network exists inside; sockets of other kinds (vsock, netlink, the kernel's ciphers) know no such bounds.
  "socket",
  "userfaultfd",
  "uselib",
  "vfork",
  "vhangup",
] as const satisfies SystemCall[];

type NamedRule = Omit<FilterRule, "call"> & { call: SystemCall };

const ANY_ENGINE: readonly NamedRule[] = [
  ...NEVER_HONEST.map((call) => ({ call, verdict: KILL })),
  ...REFUSED.map((call) => ({ call, verdict: EPERM })),
  // Threads only. What clone3 makes is written where a filter cannot look; libraries fall back to clone.
  { call: "clone", verdict: EPERM, when: { argument: 0, has: "no_bit", bits: CLONE_THREAD } },
  { call: "clone3", verdict: ENOSYS },
  { call: "ioctl", verdict: EPERM, when: { argument: 1, has: "one_of", values: [TIOCSTI, TIOCLINUX] } },
];

/** Memory that the limit on data does not count; only drivers of GPUs cannot do without. */
const UNCOUNTED_MEMORY: readonly NamedRule[] = [
  { call: "memfd_create", verdict: EPERM },
  { call: "mmap", verdict: EPERM, when: { argument: 3, has: "any_bit", bits: MAP_SHARED } },
];

/**
 * What a process that computes a model may not ask of the kernel.
 *
 * @param gpu whether it may use memory that only a GPU's driver needs
 */
export function engineFilter(arch: FilteredArch, gpu: boolean): Uint8Array<ArrayBuffer> {
  const named = gpu ? ANY_ENGINE : [...ANY_ENGINE, ...UNCOUNTED_MEMORY];
  const rules = named.flatMap((rule): FilterRule[] => {
    const call = systemCallNumber(arch, rule.call);
    return call === null ? [] : [{ ...rule, call }];
  });
  return assembleFilter(AUDIT_ARCH[arch], rules);
}

/** Whether there is a filter for this processor. */
export const isFiltered = (arch: string): arch is FilteredArch => Object.hasOwn(AUDIT_ARCH, arch);
