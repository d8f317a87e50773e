import { expect, test } from "vitest";
import { findMutants } from "./find-mutants.ts";

const FILE = `#define NEED(condition, error) \\
  do {                       \\
    if (!(condition)) return error; \\
  } while (0)
FUNCTION u64 check(u64 a) {
  NEED(a <= f(1), E_DATA);
  TRY(other(a));
  if (is_same(a)) return OK;
  return OK;
}
INLINE int both(int a) { return a == 1 && a; }
`;

test("each guard is taken away and each operator of a condition is turned, but not in macros", () => {
  expect(findMutants("x.h", FILE).map(({ id }) => id)).toEqual([
    "x.h check: without NEED(a <= f(1), E_DATA)",
    "x.h check: without TRY(other(a))",
    "x.h check: < for <= in NEED(a <= f(1), E_DATA)",
    "x.h check: !is_same(..) for is_same(..) in if (is_same(a))",
    "x.h both: != for == in return a == 1 && a;",
    "x.h both: || for && in return a == 1 && a;",
  ]);
});

test("a mutant is the file with one change", () => {
  const [first, , third] = findMutants("x.h", FILE);
  expect(first?.text).toBe(FILE.replace("NEED(a <= f(1), E_DATA);", ";"));
  expect(third?.text).toBe(FILE.replace("a <= f", "a < f"));
});

test("two alike in one function have names of their own", () => {
  const twice = "FUNCTION u64 f(void) {\n  NEED(a, 1);\n  NEED(a, 1);\n}\n";
  expect(findMutants("x.h", twice).map(({ id }) => id)).toEqual([
    "x.h f: without NEED(a, 1)",
    "x.h f: without NEED(a, 1) (2)",
  ]);
});
