import type { ByteReader } from "../binary/byte-reader.ts";
import { ByteWriter } from "../binary/byte-writer.ts";
import { OPCODE } from "../binary/opcode.ts";
import { readInstruction } from "../binary/read-instruction.ts";
import { readValueType } from "../binary/value-type.ts";
import { type Added, endWithoutFuel, spend } from "./helper-functions.ts";

/** Behind these the instructions may run another number of times than those before. */
const SEGMENT_ENDS: ReadonlySet<number> = new Set([
  OPCODE.loop,
  OPCODE.if,
  OPCODE.else,
  OPCODE.end,
  OPCODE.br,
  OPCODE.br_if,
  OPCODE.br_table,
  OPCODE.return,
  OPCODE.unreachable,
]);

/** The count of bytes or elements lies on top of the stack. */
const BULK: ReadonlySet<number> = new Set([
  OPCODE.memory_init,
  OPCODE.memory_copy,
  OPCODE.memory_fill,
  OPCODE.table_init,
  OPCODE.table_copy,
  OPCODE.table_grow,
  OPCODE.table_fill,
]);

/** What cannot be undone from outside an instance. */
const LASTING: ReadonlySet<number> = new Set([
  OPCODE.table_set,
  OPCODE.table_init,
  OPCODE.table_copy,
  OPCODE.table_grow,
  OPCODE.table_fill,
  OPCODE.data_drop,
  OPCODE.elem_drop,
]);

/**
 * Appends a function's body to `out` with the runner's function in place of each `memory.grow` and, where there is fuel,
 * with the price of each straight run of instructions in front of it. The fuel is looked at where a function begins and
 * where a loop goes on, which is enough to end anything; what is spent beyond it before that is the same on every machine.
 *
 * @returns whether the body changes tables or drops segments
 */
export function rewriteBody(body: ByteReader, added: Added, out: ByteWriter): boolean {
  const localsStart = body.offset;
  for (let left = body.u32(); left > 0; left--) {
    body.u32();
    readValueType(body);
  }
  out.raw(body.bytes.subarray(localsStart, body.offset));
  const segment = new ByteWriter(256);
  let cost = 0;
  let isChecked = true;
  let isLasting = false;
  const close = (): void => {
    if (added.fuel !== null && (cost > 0 || isChecked)) {
      if (cost > 0) spend(out.byte(OPCODE.i64_const).s64(BigInt(-cost)), added.fuel);
      if (isChecked) endWithoutFuel(out, added.fuel);
    }
    out.raw(segment.view());
    segment.clear();
    cost = 0;
  };
  while (!body.isAtEnd) {
    const start = body.offset;
    const opcode = readInstruction(body);
    if (opcode !== OPCODE.end && opcode !== OPCODE.else) cost++;
    if (LASTING.has(opcode)) isLasting = true;
    if (opcode === OPCODE.memory_grow) segment.byte(OPCODE.call).u32(added.grow);
    else {
      if (added.fuel !== null && BULK.has(opcode)) segment.byte(OPCODE.call).u32(added.bulk);
      segment.raw(body.bytes.subarray(start, body.offset));
    }
    if (!SEGMENT_ENDS.has(opcode)) continue;
    close();
    isChecked = opcode === OPCODE.loop;
  }
  close();
  return isLasting;
}
