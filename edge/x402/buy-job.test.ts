import { Problem } from "@infernet/schemas/problem";
import { base58, base64 } from "@scure/base";
import { expect, test } from "vitest";
import { callEdge, json } from "../testing/call-edge.ts";

const REQUEST = {
  model: "echo",
  input: { tensors: [{ name: "x", datatype: "FP32", shape: [1, 1], data: [1] }] },
};
const address = (byte: number): string => base58.encode(new Uint8Array(32).fill(byte));
const SOLANA: Partial<Env> = {
  SOLANA_RPC_URLS: "http://127.0.0.1:1",
  SOLANA_GENESIS_HASH: "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
  SOLANA_PROGRAM: address(1),
  SOLANA_MINT: address(2),
  AGGREGATOR_PRIVATE_KEY: base64.encode(new Uint8Array(32).fill(3)),
};

const codeOf = async (settings: Partial<Env>, headers: Record<string, string> = {}) =>
  Problem.parse(await (await callEdge("/jobs", json(REQUEST, headers), settings)).json()).code;

test("a request needs a key unless payments are switched on, and there is a chain to pay on", async () => {
  expect(await codeOf({})).toBe("authentication_missing");
  expect(await codeOf(SOLANA)).toBe("authentication_missing");
  expect(await codeOf({ X402: "on" })).toBe("authentication_missing");
  expect(await codeOf({ ...SOLANA, X402: "off" })).toBe("authentication_missing");
  expect(await codeOf({ ...SOLANA, X402: "yes" })).toBe("unavailable");
  expect(await codeOf({ ...SOLANA, X402: "on" }, { Authorization: "Bearer infk_wrong" })).toBe(
    "authentication_failed",
  );
});

test("what is wrong with a request is said before anything has to be paid", async () => {
  expect(await codeOf({ ...SOLANA, X402: "on" })).toBe("model_unknown");
});

test("a payment that cannot be read is refused with what is wrong with it", async () => {
  const headers = (value: string) => ({ "PAYMENT-SIGNATURE": value });
  const settings = { ...SOLANA, X402: "on" };
  expect(await codeOf(settings, headers("?"))).toBe("header_invalid");
  expect(await codeOf(settings, headers(btoa('{"x402Version":1}')))).toBe("header_invalid");
});
