import { describe, expect, it } from "vitest";
import { agreeDecisions } from "./agree-decisions.ts";
import { type Decision, decideBroadcast } from "./decide-broadcast.ts";

const LAST = 1_000;

describe("what to do about a signed transaction", () => {
  it("is to send it while nobody can be asked", () => {
    expect(decideBroadcast(LAST, { status: "unavailable" })).toEqual({ action: "send" });
  });

  it("is to send it while it is unknown and a block can still hold it", () => {
    for (const finalized_height of [0, LAST - 1, LAST])
      expect(decideBroadcast(LAST, { status: "absent", finalized_height })).toEqual({ action: "send" });
  });

  it("is to give it up when it is unknown and the last block that could hold it is final", () => {
    expect(decideBroadcast(LAST, { status: "absent", finalized_height: LAST + 1 })).toEqual({
      action: "expired",
    });
  });

  it.each(["processed", "confirmed"] as const)(
    "is to wait while it is %s, with or without an error",
    (status) => {
      for (const err of [null, { InstructionError: [0, { Custom: 1 }] }])
        expect(decideBroadcast(LAST, { status, slot: 5, err })).toEqual({ action: "wait", status, slot: 5 });
    },
  );

  it("is nothing more once it is final", () => {
    for (const err of [null, "AccountInUse"])
      expect(decideBroadcast(LAST, { status: "finalized", slot: 5, err })).toEqual({
        action: "landed",
        slot: 5,
        err,
      });
  });
});

describe("what two endpoints agree on", () => {
  const send: Decision = { action: "send" };
  const wait: Decision = { action: "wait", status: "confirmed", slot: 5 };
  const expired: Decision = { action: "expired" };
  const landed: Decision = { action: "landed", slot: 5, err: null };
  const failed: Decision = { action: "landed", slot: 5, err: "AccountInUse" };

  it("is an end that both name", () => {
    for (const end of [expired, landed, failed]) expect(agreeDecisions(end, { ...end })).toEqual(end);
  });

  it("is no end that only one names", () => {
    for (const end of [expired, landed, failed])
      for (const open of [send, wait]) {
        expect(agreeDecisions(end, open)).toBe(open);
        expect(agreeDecisions(open, end)).toBe(open);
      }
  });

  it("is never that it has both landed and expired, or both failed and not", () => {
    for (const [one, other] of [
      [landed, expired],
      [failed, landed],
      [expired, failed],
    ] as const)
      expect(() => agreeDecisions(one, other)).toThrow(expect.objectContaining({ code: "rpc_contradicts" }));
  });
});
