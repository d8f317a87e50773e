/** What becomes of a system call: `refuse` answers it with an error number, `kill` ends the process by SIGSYS. */
export type Verdict = { kind: "refuse"; errno: number } | { kind: "kill" };

/** Which calls of one number a rule is for, by the low 32 bits of one argument; without it, all. */
export type ArgumentTest =
  | { argument: number; has: "any_bit" | "no_bit"; bits: number }
  | { argument: number; has: "one_of"; values: readonly number[] };

export interface FilterRule {
  /** Number of the system call. */
  call: number;
  verdict: Verdict;
  when?: ArgumentTest;
}

/** Classic BPF (linux/bpf_common.h): load a word of `seccomp_data`, compare with a constant, return. */
const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_OR_EQUAL = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const ERRNO = 0x00050000;

/** Offsets in `struct seccomp_data` (linux/seccomp.h); arguments are little-endian words of 64 bits. */
const NUMBER_AT = 0;
const ARCH_AT = 4;
const ARGUMENTS_AT = 16;

const INSTRUCTION_BYTES = 8;

/** Calls of the x32 ABI, which the table's numbers do not cover, have this bit. */
const X32_BIT = 0x40000000;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, constant: number];

/**
 * A seccomp filter as `bwrap --seccomp` reads it: every call is allowed but those that a rule names; another processor's
 * calls, and those of the x32 ABI, end the process.
 *
 * @param auditArch `AUDIT_ARCH_*` of the processor
 */
export function assembleFilter(auditArch: number, rules: readonly FilterRule[]): Uint8Array<ArrayBuffer> {
  const program: Instruction[] = [
    [LOAD, 0, 0, ARCH_AT],
    [JUMP_EQUAL, 1, 0, auditArch],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER_AT],
    [JUMP_GREATER_OR_EQUAL, 0, 1, X32_BIT],
    [RETURN, 0, 0, KILL_PROCESS],
    ...rules.flatMap(renderRule),
    [RETURN, 0, 0, ALLOW],
  ];
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, [code, ifTrue, ifFalse, constant]] of program.entries()) {
    const at = i * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, ifTrue);
    view.setUint8(at + 3, ifFalse);
    view.setUint32(at + 4, constant, true);
  }
  return bytes;
}

/** Either returns, or leaves the call's number loaded for the next rule. */
function renderRule({ call, verdict, when }: FilterRule): Instruction[] {
  const body = when ? renderTest(when, returnOf(verdict)) : [returnOf(verdict)];
  return [[JUMP_EQUAL, 0, body.length, call], ...body];
}

function renderTest(test: ArgumentTest, verdict: Instruction): Instruction[] {
  const load: Instruction = [LOAD, 0, 0, ARGUMENTS_AT + test.argument * 8];
  const allow: Instruction = [RETURN, 0, 0, ALLOW];
  switch (test.has) {
    case "any_bit":
      return [load, [JUMP_ANY_BIT, 1, 0, test.bits], allow, verdict];
    case "no_bit":
      return [load, [JUMP_ANY_BIT, 0, 1, test.bits], allow, verdict];
    case "one_of": {
      const { values } = test;
      const jumps = values.map((value, i): Instruction => [JUMP_EQUAL, values.length - i, 0, value]);
      return [load, ...jumps, allow, verdict];
    }
    default:
      return test satisfies never;
  }
}

const returnOf = (verdict: Verdict): Instruction => [
  RETURN,
  0,
  0,
  verdict.kind === "kill" ? KILL_PROCESS : ERRNO | verdict.errno,
];
