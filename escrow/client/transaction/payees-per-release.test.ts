import { describe, expect, it } from "vitest";
import { payeesPerRelease, type ReleaseShape } from "./payees-per-release.ts";

const committed = (depth: number, change: Partial<ReleaseShape> = {}) =>
  payeesPerRelease({ payees: "committed", depth, byVoucher: true, hasOwnFeePayer: false, ...change });
const bonded = (change: Partial<ReleaseShape> = {}) =>
  payeesPerRelease({ payees: "bonded", depth: 0, byVoucher: true, hasOwnFeePayer: false, ...change });

describe("how many payees fit into one release", () => {
  it("falls with the depth of the tree of payees", () => {
    expect([0, 1, 2, 3, 4, 6, 8, 10, 20].map((depth) => committed(depth))).toEqual([
      12, 7, 5, 4, 3, 2, 1, 1, 0,
    ]);
  });

  it("is none with a voucher when the set holds more than 65,536", () => {
    expect([committed(16), committed(17), committed(20, { byVoucher: false })]).toEqual([1, 0, 1]);
  });

  it("is the same for all who are bonded", () => {
    expect(bonded()).toBe(7);
  });

  it("is more where no voucher is shown, and less with a payer of its own", () => {
    expect([bonded({ byVoucher: false }), bonded({ hasOwnFeePayer: true })]).toEqual([10, 6]);
    expect([1, 2, 3, 4, 7, 16, 17].map((depth) => committed(depth, { byVoucher: false }))).toEqual([
      10, 7, 5, 4, 2, 1, 1,
    ]);
  });
});
