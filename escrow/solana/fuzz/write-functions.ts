import type { Random } from "./random.ts";

const UNSIGNED = ["u8", "u16", "u32", "u64"];
const TYPES = [...UNSIGNED, "i8", "i16", "i32", "i64"];
const CONSTANTS = ["1", "3", "255", "0x7fffffff", "0x80000000u", "0xdeadbeefcafeULL", "65535", "-7"];

/**
 * C text of random functions `f0`, `f1` and so on of three u64, and `run(i, a, b, c)` that calls the i-th. They compute in all widths,
 * signed and not, divide, shift, loop, look into tables, texts and structures, keep arrays on the stack and call each
 * other. What C leaves open is avoided, so that two right compilers agree; signed sums may wrap and need `-fwrapv`.
 */
export function writeFunctions(random: Random, count: number): string {
  const words = Array.from(
    { length: 16 },
    () => `0x${random.below(2 ** 31).toString(16)}f00d${random.below(10)}ULL`,
  );
  const functions = Array.from({ length: count }, (_, i) => writeFunction(random, i));
  const cases = functions.map((_, i) => `    case ${i}: return f${i}(a, b, c);`);
  return `typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long long i64;
typedef struct { u8 a; u16 b; u32 c; u64 d; i32 e; } Parts;
static const u64 words[16] = {${words.join(", ")}};
static const char *const names[4] = {"alpha", "beta", "gamma-delta", "x"};
${functions.join("\n")}
u64 run(u64 i, u64 a, u64 b, u64 c) {
  switch (i) {
${cases.join("\n")}
  }
  return 0;
}
`;
}

function writeFunction(random: Random, index: number): string {
  const call = index === 0 ? "" : `  if (c & 1) sum += f${random.below(index)}(b, sum, a >> 1);\n`;
  return `__attribute__((noinline)) static u64 f${index}(u64 a, u64 b, u64 c) {
  Parts s = {(u8)a, (u16)b, (u32)c, a ^ b, (i32)c};
  u32 x = (u32)a;
  i32 y = (i32)b;
  u64 t = words[a & 15], sum = 0, kept[32];
  for (const char *name = names[b & 3]; *name; name++) sum = sum * 31 + (u8)*name;
${random.below(3) === 0 ? writeLoop(random) : ""}${random.below(2) === 0 ? writeArray(random) : ""}
  sum ^= (u64)(${expression(random, 3, ["a", "b", "c", "x", "y", "t", "s.a", "s.b", "s.c", "s.e"])});
${call}  return sum ^ (u64)(${expression(random, 4, ["a", "b", "c", "x", "y", "t", "sum", "s.d", "s.e"])});
}`;
}

const writeLoop = (random: Random): string => `  for (u32 i = 0; i < (u32)(c & 15); i++) {
    t = ${expression(random, 2, ["t", "a", "x", "(u64)i", "sum"])};
    x = (u32)(${expression(random, 2, ["x", "b", "(u64)i"])});
  }
`;

/** An array lives through the calls of its function, in whose frame it lies. */
const writeArray = (
  random: Random,
): string => `  for (u32 i = 0; i < 32; i++) kept[i] = ${expression(random, 2, ["a", "t", "x", "(u64)i"])};
  t ^= kept[a & 31] + kept[(b ^ t) & 31];
`;

function expression(random: Random, depth: number, names: readonly string[]): string {
  if (depth === 0 || random.below(6) === 0) {
    return random.below(4) > 0 ? random.pick(names) : `(${random.pick(TYPES)})${random.pick(CONSTANTS)}`;
  }
  const a = expression(random, depth - 1, names);
  const b = expression(random, depth - 1, names);
  const any = random.pick(TYPES);
  const u = random.pick(UNSIGNED);
  return random.pick([
    `(${u})((${u})${a} + (${u})${b})`,
    `(${u})((${u})${a} - (${u})${b})`,
    `(${u})((u64)(${u})${a} * (u64)(${u})${b})`,
    `(${u})((${u})${a} / ((${u})${b} | 1))`,
    `(${u})((${u})${a} % ((${u})${b} | 1))`,
    `((u64)${a} << ((u64)${b} & 63))`,
    `((u64)${a} >> ((u64)${b} & 63))`,
    `((i64)${a} >> ((u64)${b} & 63))`,
    `((${any})${a} < (${any})${b} ? ${a} : ${b})`,
    `((${any})${a} ^ (${any})${b})`,
    `(u32)((u32)${a} << ((u32)${b} & 31))`,
    `(u64)(u32)((u32)${a} + (u32)${b})`,
    `((${any})${a} == (${any})${b} || (${any})${a} > (${u})${b} ? (${any})(${a}) : (${any})~(u64)${b})`,
  ]);
}
