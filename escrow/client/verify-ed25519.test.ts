import { hex } from "@scure/base";
import { describe, expect, it } from "vitest";
import { renderAddress } from "./address.ts";
import { plainAddress, seedSigner } from "./testing/seeds.ts";
import { verifyEd25519 } from "./verify-ed25519.ts";

const message = new TextEncoder().encode("a statement");

describe("an Ed25519 signature", () => {
  it("verifies with its key and its message alone", async () => {
    const [one, other] = [await seedSigner(1), await seedSigner(2)];
    const signature = await one.sign(message);
    expect(await verifyEd25519(one.address, message, signature)).toBe(true);
    expect(await verifyEd25519(other.address, message, signature)).toBe(false);
    expect(await verifyEd25519(one.address, new Uint8Array([...message, 0]), signature)).toBe(false);
  });

  it("is 64 bytes", async () => {
    const one = await seedSigner(1);
    const signature = await one.sign(message);
    expect(await verifyEd25519(one.address, message, signature.slice(0, 63))).toBe(false);
    expect(await verifyEd25519(one.address, message, new Uint8Array([...signature, 0]))).toBe(false);
  });

  it("is nobody's when the key is no point of the curve", async () => {
    expect(await verifyEd25519(plainAddress(2), message, new Uint8Array(64).fill(1))).toBe(false);
  });

  it.each([
    ["of order 1", `01${"00".repeat(31)}`],
    ["of order 1, with the sign bit", `01${"00".repeat(30)}80`],
    ["of order 2", `ec${"ff".repeat(30)}7f`],
    ["of order 4", "00".repeat(32)],
    ["of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"],
    ["of order 8, with the sign bit", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"],
    ["not reduced", `ee${"ff".repeat(30)}7f`],
  ])("is refused for a key or a nonce that is %s", async (_, point) => {
    const one = await seedSigner(1);
    const signature = await one.sign(message);
    const nonce = new Uint8Array([...hex.decode(point), ...signature.subarray(32)]);
    expect(await verifyEd25519(one.address, message, nonce)).toBe(false);
    // With such a key the identity and 0 would be a signature of anything.
    const anything = new Uint8Array(64).fill(1, 0, 1);
    expect(await verifyEd25519(renderAddress(hex.decode(point)), message, anything)).toBe(false);
  });
});
