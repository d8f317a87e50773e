import { expect, it } from "vitest";
import { reconcilePlace } from "./reconcile-place.ts";

const book = { deposited: 100n, released: 30n, position: 7 };

it("a place fits its book when as much was released, and at least as much came in", () => {
  expect(reconcilePlace({ deposited: 100n, paid: 30n, position: 7 }, book).kind).toBe("fits");
  expect(reconcilePlace({ deposited: 150n, paid: 30n, position: 8 }, book).kind).toBe("fits");
});

it.each([
  ["more was released than the book knows", { deposited: 100n, paid: 31n, position: 9 }],
  ["less was released than the book knows", { deposited: 100n, paid: 29n, position: 9 }],
  ["less came in than the book knows", { deposited: 99n, paid: 30n, position: 9 }],
])("it is a mismatch when %s", (_, chain) => {
  expect(reconcilePlace(chain, book)).toMatchObject({
    kind: "mismatch",
    detail: expect.stringMatching(/\d/),
  });
});

it("what was read from before the last payment says nothing", () => {
  expect(reconcilePlace({ deposited: 1n, paid: 1n, position: 6 }, book).kind).toBe("stale");
});
