import { Sha256 } from "@infernet/schemas/digest";
import { expect, it } from "vitest";
import { chooseChunkList } from "./choose-chunk-list.ts";

const list = (digit: string): Sha256 => Sha256.parse(digit.repeat(64));

it("prefers the list that most peers name, then the nearest peer's", () => {
  const claim = (peer: string, digit: string, latency_ms: number) => ({
    peer,
    list: list(digit),
    latency_ms,
  });
  expect(chooseChunkList([claim("x", "e", 1), claim("a", "a", 9), claim("b", "a", 5)])).toBe(list("a"));
  expect(chooseChunkList([claim("x", "e", 7), claim("a", "a", 2)])).toBe(list("a"));
  expect(chooseChunkList([])).toBeNull();
});
