import { expect, it } from "vitest";
import { reconcilePlace } from "./reconcile-place.ts";

const book = { deposited: 100n, released: 30n, sequence: 2, position: 7 };

it("a place fits its book when as much was released, and at least as much came in", () => {
  expect(reconcilePlace({ deposited: 100n, paid: 30n, sequence: 2, position: 7 }, book).kind).toBe("fits");
  expect(reconcilePlace({ deposited: 150n, paid: 30n, sequence: 2, position: 8 }, book).kind).toBe("fits");
});

it.each([
  ["more was released than the book knows", { deposited: 100n, paid: 31n, sequence: 2, position: 9 }],
  ["less was released than the book knows", { deposited: 100n, paid: 29n, sequence: 2, position: 9 }],
  ["less came in than the book knows", { deposited: 99n, paid: 30n, sequence: 2, position: 9 }],
  ["another number of payments was made", { deposited: 100n, paid: 30n, sequence: 3, position: 9 }],
])("it is a mismatch when %s", (_, chain) => {
  expect(reconcilePlace(chain, book)).toMatchObject({
    kind: "mismatch",
    detail: expect.stringMatching(/\d/),
  });
});

it("what was read from before the last payment says nothing", () => {
  expect(reconcilePlace({ deposited: 1n, paid: 1n, sequence: 2, position: 6 }, book).kind).toBe("stale");
});

it("payments are not counted where the chain's word is taken for it", () => {
  const chain = { deposited: 100n, paid: 30n, sequence: 9, position: 7 };
  expect(reconcilePlace(chain, { ...book, sequence: null }).kind).toBe("fits");
});
