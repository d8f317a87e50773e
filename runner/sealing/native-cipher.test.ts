import { deriveRecordKeys } from "@infernet/schemas/sealing/content-key";
import { createWebCipher } from "@infernet/schemas/sealing/record-cipher";
import { expect, test } from "vitest";
import { createNativeCipher } from "./native-cipher.ts";

const keys = deriveRecordKeys(new Uint8Array(32).fill(5), "input");
const native = createNativeCipher(keys);
const web = await createWebCipher(keys);
const aad = Uint8Array.of(1, 2, 3);

test.each([0, 1, 1_000, 1_048_576])(
  "a record of %i bytes is the one that WebCrypto makes",
  async (length) => {
    const plaintext = Uint8Array.from({ length }, (_, n) => n % 253);
    const record = await native.seal(aad, plaintext);
    expect(Buffer.compare(record, await web.seal(aad, plaintext))).toBe(0);
    expect(await native.open(aad, record)).toEqual(plaintext);
    expect(await web.open(aad, record)).toEqual(plaintext);
  },
);

test("a record that was changed, cut short or sealed for another place opens with neither", async () => {
  const record = await native.seal(aad, Uint8Array.of(9, 9, 9));
  for (let at = 0; at < record.length; at += 1) {
    const changed = record.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x80;
    for (const cipher of [native, web]) {
      expect(await cipher.open(aad, changed)).toBeNull();
      expect(await cipher.open(aad, record.subarray(0, at))).toBeNull();
    }
  }
  for (const cipher of [native, web]) expect(await cipher.open(Uint8Array.of(1, 2, 4), record)).toBeNull();
});
