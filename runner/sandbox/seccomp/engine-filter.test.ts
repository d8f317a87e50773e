import { describe, expect, it } from "vitest";
import { engineFilter, isFiltered } from "./engine-filter.ts";
import { AUDIT_ARCH, type FilteredArch, type SystemCall, systemCallNumber } from "./system-calls.ts";

const ALLOW = "allow";
const EPERM = "errno 1";
const ENOSYS = "errno 38";
const KILL = "kill";

/** What the kernel makes of a filter: the few instructions of classic BPF that seccomp(2) filters here are made of. */
function decide(filter: Uint8Array<ArrayBuffer>, arch: number, call: number, args: number[] = []): string {
  const view = new DataView(filter.buffer);
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, arch, true);
  args.forEach((value, i) => {
    data.setBigUint64(16 + i * 8, BigInt(value), true);
  });
  let loaded = 0;
  for (let at = 0; at < filter.length; at += 8) {
    const code = view.getUint16(at, true);
    const constant = view.getUint32(at + 4, true);
    const jump = (isTrue: boolean): void => {
      at += view.getUint8(at + (isTrue ? 2 : 3)) * 8;
    };
    if (code === 0x20) loaded = data.getUint32(constant, true);
    else if (code === 0x15) jump(loaded === constant);
    else if (code === 0x35) jump(loaded >= constant);
    else if (code === 0x45) jump((loaded & constant) !== 0);
    else if (code === 0x06) return renderReturn(constant);
    else throw new Error(`instruction ${code.toString(16)} is not one of ours`);
  }
  throw new Error("the filter ends without a verdict");
}

function renderReturn(value: number): string {
  if (value === 0x7fff0000) return ALLOW;
  if (value === 0x80000000) return KILL;
  return `errno ${value & 0xffff}`;
}

describe.each(["x64", "arm64"] as const)(
  "the filter of an engine's system calls on %s",
  (arch: FilteredArch) => {
    const judge = (call: SystemCall, args?: number[], gpu = false): string => {
      const number = systemCallNumber(arch, call);
      if (number === null) throw new Error(`${arch} has no ${call}`);
      return decide(engineFilter(arch, gpu), AUDIT_ARCH[arch], number, args);
    };

    it("lets threads be made and no process", () => {
      expect(judge("clone", [0x3d0f00])).toBe(ALLOW);
      expect(judge("clone", [0x1200011])).toBe(EPERM);
      expect(judge("clone3")).toBe(ENOSYS);
    });

    it("ends who asks for what only an intruder wants", () => {
      for (const call of ["ptrace", "mount", "unshare", "setns", "bpf", "keyctl", "kexec_load"] as const)
        expect(judge(call)).toBe(KILL);
    });

    it("refuses what libraries try and can do without", () => {
      for (const call of ["io_uring_setup", "socket", "userfaultfd", "perf_event_open", "shmget"] as const)
        expect(judge(call)).toBe(EPERM);
    });

    it("lets no word be put into a terminal's mouth, whatever the upper half of the argument says", () => {
      expect(judge("ioctl", [0, 0x5412])).toBe(EPERM);
      expect(judge("ioctl", [0, 0x5412 + 2 ** 33])).toBe(EPERM);
      expect(judge("ioctl", [0, 0x541c])).toBe(EPERM);
      expect(judge("ioctl", [0, 0x5401])).toBe(ALLOW);
    });

    it("withholds memory that the limit does not count, except from GPU drivers", () => {
      const [shared, owned] = [0x21, 0x22].map((flags) => [0, 4096, 3, flags]);
      expect(judge("mmap", shared)).toBe(EPERM);
      expect(judge("mmap", owned)).toBe(ALLOW);
      expect(judge("memfd_create")).toBe(EPERM);
      expect(judge("mmap", shared, true)).toBe(ALLOW);
      expect(judge("memfd_create", [], true)).toBe(ALLOW);
    });

    it("ends the calls of another processor or of the x32 ABI", () => {
      const filter = engineFilter(arch, false);
      expect(decide(filter, 0x40000003, 0)).toBe(KILL);
      expect(decide(filter, AUDIT_ARCH[arch], 0x40000000)).toBe(KILL);
      expect(decide(filter, AUDIT_ARCH[arch], 0)).toBe(ALLOW);
    });
  },
);

it("has no filter for other processors", () => {
  expect(["x64", "arm64", "ia32", "riscv64", "toString"].filter(isFiltered)).toEqual(["x64", "arm64"]);
});
