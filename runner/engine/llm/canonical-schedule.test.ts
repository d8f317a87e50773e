import { describe, expect, it } from "vitest";
import { type Call, nextCall, nextScoreCall } from "./canonical-schedule.ts";

/** All calls of a completion that is made from the beginning: each token is known once the one before is computed. */
function callsOf(prompt: number, positions: number): Call[] {
  const calls: Call[] = [];
  let known = prompt;
  let computed = 0;
  for (let call = nextCall({ prompt, known, computed }); call; call = nextCall({ prompt, known, computed })) {
    calls.push(call);
    computed = call.from + call.count;
    if (computed === known && known < prompt + positions) known += 1;
  }
  return calls;
}

describe("the canonical schedule", () => {
  it("computes a prompt in blocks of 32, and what is left of it in one call", () => {
    expect(callsOf(70, 0)).toEqual([
      { from: 0, count: 32 },
      { from: 32, count: 32 },
      { from: 64, count: 6 },
    ]);
  });

  it("computes a token at a time, and a block as a whole once it is complete", () => {
    expect(callsOf(30, 4)).toEqual([
      { from: 0, count: 30 },
      { from: 30, count: 1 },
      { from: 0, count: 32 },
      { from: 32, count: 1 },
      { from: 33, count: 1 },
    ]);
  });

  it("computes each position the same way for whoever goes on, whatever stands already", () => {
    for (const prompt of [1, 31, 32, 33, 50, 64]) {
      const whole = callsOf(prompt, 80);
      for (let given = 0; given < 80; given++) {
        const known = prompt + given;
        const calls: Call[] = [];
        let computed = 0;
        for (
          let call = nextCall({ prompt, known, computed });
          call;
          call = nextCall({ prompt, known, computed })
        ) {
          calls.push(call);
          computed = call.from + call.count;
        }
        expect(computed).toBe(known);
        for (const call of calls) expect(whole).toContainEqual(call);
        // The last logits, which the next choice is made by, are of the same call.
        expect(whole.findLast(({ from, count }) => from + count === known)).toEqual(calls.at(-1));
      }
    }
  });

  it("scores in large parts, and nothing after the last token but one", () => {
    expect(nextScoreCall({ prompt: 10, known: 200, computed: 0 })).toEqual({ from: 0, count: 128 });
    expect(nextScoreCall({ prompt: 10, known: 200, computed: 128 })).toEqual({ from: 128, count: 71 });
    expect(nextScoreCall({ prompt: 10, known: 200, computed: 199 })).toBeNull();
  });
});
