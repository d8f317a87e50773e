import { Sha256 } from "@infernet/schemas/digest";
import { formatRunnerId, type RunnerId } from "@infernet/schemas/ids";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { expect, it } from "vitest";
import { decideEdgeTurn, yieldsEdgeTurn } from "./edge-turn.ts";

const runner = (first: number): RunnerId => formatRunnerId(new Uint8Array(32).fill(first));
const BLOB = Sha256.parse("10".repeat(32));
const fellow = (first: number, draws = false, isSilent = false) => ({
  runner: runner(first),
  draws,
  isSilent,
});

it("lets the one draw whose key is nearest to the blob, by XOR", () => {
  expect(decideEdgeTurn(runner(0x11), BLOB, [fellow(0x0f), fellow(0x30)])).toEqual({ draws: true });
  expect(decideEdgeTurn(runner(0x0f), BLOB, [fellow(0x11), fellow(0x30)])).toEqual({
    draws: false,
    waits_for: runner(0x11),
  });
  expect(decideEdgeTurn(runner(0x0f), BLOB, [])).toEqual({ draws: true });
});

it("waits for whoever draws already, however far, and for nobody whose turn brought nothing", () => {
  expect(decideEdgeTurn(runner(0x11), BLOB, [fellow(0xff, true)])).toMatchObject({ waits_for: runner(0xff) });
  expect(decideEdgeTurn(runner(0x30), BLOB, [fellow(0xff, true, true), fellow(0x11, false, true)])).toEqual({
    draws: true,
  });
});

it("lets the farther of two that both draw stop", () => {
  expect(yieldsEdgeTurn(runner(0x11), BLOB, [fellow(0x30, true)])).toBe(false);
  expect(yieldsEdgeTurn(runner(0x30), BLOB, [fellow(0x11, true)])).toBe(true);
  expect(yieldsEdgeTurn(runner(0x30), BLOB, [fellow(0x11), fellow(0x12, true, true)])).toBe(false);
});

/** Messages and decisions of runners that start when they like, in any order that the network may have. */
function run(seed: number): number {
  const random = seededRandom(seed);
  const blob = Sha256.parse(
    Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join(""),
  );
  const nodes = Array.from({ length: 2 + Math.floor(random() * 9) }, () => ({
    id: formatRunnerId(Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))),
    state: "absent" as "absent" | "asking" | "waiting" | "drawing",
    known: new Map<RunnerId, boolean>(),
    answers: 0,
  }));
  const inbox: (() => void)[] = nodes.map((node) => () => {
    node.state = "asking";
    for (const other of nodes) {
      if (other === node) continue;
      inbox.push(() => {
        if (other.state !== "absent") other.known.set(node.id, other.known.get(node.id) ?? false);
        const said = { wants: other.state !== "absent", draws: other.state === "drawing" };
        inbox.push(() => {
          if (said.wants) node.known.set(other.id, said.draws);
          node.answers += 1;
          if (node.answers < nodes.length - 1) return;
          const fellows = [...node.known].map(([id, draws]) => ({ runner: id, draws, isSilent: false }));
          node.state = decideEdgeTurn(node.id, blob, fellows).draws ? "drawing" : "waiting";
        });
      });
    }
  });
  while (inbox.length > 0) inbox.splice(Math.floor(random() * inbox.length), 1)[0]?.();
  return nodes.filter(({ state }) => state === "drawing").length;
}

it("makes exactly one of those who know each other draw, whenever they start and whatever the network does", () => {
  const seeds = Date.now() % 1_000_000;
  for (let seed = seeds; seed < seeds + 2_000; seed++) {
    const drawing = run(seed);
    expect(drawing, `seed ${seed}`).toBe(1);
  }
});
