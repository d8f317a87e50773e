import { expect, test } from "vitest";
import { decideReachability, type Reachability, type ReachabilityFacts } from "./reachability.ts";

const NOTHING: ReachabilityFacts = {
  listens: false,
  isConfirmed: false,
  cameFromPublic: false,
  cameFromPrivate: false,
  isInPublic: false,
  hasRelay: false,
  punched: 0,
};
const reach = (facts: Partial<ReachabilityFacts>): Reachability =>
  decideReachability({ ...NOTHING, ...facts });

test("without a port and a relay it only goes to others", () => {
  expect(reach({})).toBe("outbound");
  expect(reach({ isInPublic: true })).toBe("outbound");
});

test("with a port nothing is known until somebody has come", () => {
  expect(reach({ listens: true })).toBe("unknown");
  expect(reach({ listens: true, isInPublic: true })).toBe("unknown");
});

test("who came in on a connection of their own has shown the way", () => {
  expect(reach({ listens: true, cameFromPublic: true, isInPublic: true })).toBe("direct");
  expect(reach({ listens: true, cameFromPrivate: true })).toBe("direct");
  expect(reach({ listens: true, isConfirmed: true, isInPublic: true })).toBe("direct");
});

test("a neighbour that came in says nothing of the internet", () => {
  expect(reach({ listens: true, cameFromPrivate: true, isInPublic: true })).toBe("unknown");
  expect(reach({ listens: true, cameFromPrivate: true, isInPublic: true, hasRelay: true })).toBe("relayed");
});

test("a relay leads others here, and a hole through the router is better", () => {
  expect(reach({ hasRelay: true })).toBe("relayed");
  expect(reach({ hasRelay: true, punched: 1 })).toBe("hole_punched");
  expect(reach({ listens: true, hasRelay: true, punched: 1, cameFromPublic: true })).toBe("direct");
});
