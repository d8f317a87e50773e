import { hex } from "@scure/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Sha256, sha256 } from "./digest.ts";
import { hashSha256, hmacSha256, parseHash, renderHash } from "./hash.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("the hash is SHA-256 (FIPS 180-4, example of one block)", () => {
  expect(hex.encode(hashSha256(bytesOf("abc")))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test("it says the same as the platform's own, without waiting", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      expect(renderHash(hashSha256(bytes))).toBe(await sha256(new Uint8Array(bytes)));
    }),
  );
});

test.each([
  [
    "case 1",
    "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    hex.encode(bytesOf("Hi There")),
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  ],
  [
    "case 2",
    hex.encode(bytesOf("Jefe")),
    hex.encode(bytesOf("what do ya want for nothing?")),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    "case 6, with a key longer than a block",
    "aa".repeat(131),
    hex.encode(bytesOf("Test Using Larger Than Block-Size Key - Hash Key First")),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
])("HMAC-SHA-256 keeps RFC 4231: %s", (_, key, message, mac) => {
  expect(hex.encode(hmacSha256(hex.decode(key), hex.decode(message)))).toBe(mac);
});

test("a digest's text and its bytes stand for each other", () => {
  const text = Sha256.parse("00ff".repeat(16));
  expect(parseHash(text)).toHaveLength(32);
  expect(renderHash(parseHash(text))).toBe(text);
});

test("only 32 bytes are a digest", () => {
  expect(() => renderHash(new Uint8Array(31))).toThrow();
});
