import { ByteWriter } from "../binary/byte-writer.ts";
import { OPCODE } from "../binary/opcode.ts";
import { FUEL_COST } from "./fuel-cost.ts";

const I32 = 0x7f;
const EMPTY_BLOCK = 0x40;

/** Where the things stand that the runner adds to a module. */
export interface Added {
  /** Globals. `fuel` null where nothing is metered. */
  readonly refused: number;
  readonly fuel: number | null;
  /** Functions of type (i32) -> (i32). `bulk` is there where there is fuel. */
  readonly grow: number;
  readonly bulk: number;
}

/** Takes the i64 on the stack from the fuel. */
export function spend(writer: ByteWriter, fuel: number): ByteWriter {
  // Fuel is spent by adding what was made negative: the amount lies on top of the stack.
  return writer.byte(OPCODE.global_get).u32(fuel).byte(OPCODE.i64_add).byte(OPCODE.global_set).u32(fuel);
}

/** Traps when the fuel is gone. */
export function endWithoutFuel(writer: ByteWriter, fuel: number): ByteWriter {
  return writer
    .byte(OPCODE.global_get)
    .u32(fuel)
    .byte(OPCODE.i64_const)
    .s64(0n)
    .byte(OPCODE.i64_lt_s)
    .raw([OPCODE.if, EMPTY_BLOCK, OPCODE.unreachable, OPCODE.end]);
}

/**
 * (delta) -> what `memory.grow` answers. When the machine has no memory although the limit allows it, the module is
 * ended: it never sees an answer that another machine would not give.
 */
export function growFunction(pages_max: number, { refused, fuel }: Added): Uint8Array {
  const delta = 0;
  const before = 1;
  const writer = new ByteWriter().u32(1).u32(1).byte(I32);
  writer.byte(OPCODE.local_get).u32(delta).raw([OPCODE.memory_grow, 0]).byte(OPCODE.local_tee).u32(before);
  writer.raw([OPCODE.i32_const, 0x7f, OPCODE.i32_eq, OPCODE.if, EMPTY_BLOCK]);
  writer.raw([OPCODE.memory_size, 0, OPCODE.i64_extend_i32_u]);
  writer.byte(OPCODE.local_get).u32(delta).byte(OPCODE.i64_extend_i32_u).byte(OPCODE.i64_add);
  writer.byte(OPCODE.i64_const).s64(BigInt(pages_max)).raw([OPCODE.i64_le_u, OPCODE.if, EMPTY_BLOCK]);
  writer.raw([OPCODE.i32_const, 1, OPCODE.global_set]).u32(refused);
  writer.raw([OPCODE.unreachable, OPCODE.end]);
  if (fuel !== null) {
    writer.byte(OPCODE.else).byte(OPCODE.local_get).u32(delta).byte(OPCODE.i64_extend_i32_u);
    writer.byte(OPCODE.i64_const).s64(-FUEL_COST.page).byte(OPCODE.i64_mul);
    endWithoutFuel(spend(writer, fuel), fuel);
  }
  return writer.byte(OPCODE.end).byte(OPCODE.local_get).u32(before).byte(OPCODE.end).view();
}

/** (count) -> count, with the fuel taken that so many bytes or elements cost. */
export function bulkFunction(fuel: number): Uint8Array {
  const writer = new ByteWriter().u32(0);
  writer.byte(OPCODE.i64_const).s64(0n).raw([OPCODE.local_get, 0, OPCODE.i64_extend_i32_u]);
  writer.byte(OPCODE.i64_const).s64(FUEL_COST.bulk_shift).raw([OPCODE.i64_shr_u, OPCODE.i64_sub]);
  endWithoutFuel(spend(writer, fuel), fuel);
  return writer.raw([OPCODE.local_get, 0, OPCODE.end]).view();
}
