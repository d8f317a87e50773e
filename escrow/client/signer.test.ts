import { hex } from "@scure/base";
import { describe, expect, it } from "vitest";
import { addressBytes } from "./address.ts";
import { createSeedSigner } from "./signer.ts";

// RFC 8032 section 7.1, test 2.
const SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
const PUBLIC_KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const SIGNATURE =
  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

describe("a signer of a seed", () => {
  it("has the seed's address and makes the signature of RFC 8032", async () => {
    const signer = await createSeedSigner(hex.decode(SEED));
    expect(hex.encode(addressBytes(signer.address))).toBe(PUBLIC_KEY);
    expect(hex.encode(await signer.sign(Uint8Array.of(0x72)))).toBe(SIGNATURE);
  });

  it("takes no seed of another length", async () => {
    await expect(createSeedSigner(new Uint8Array(64))).rejects.toMatchObject({ code: "argument_invalid" });
  });

  it("shows nothing of the key", async () => {
    const signer = await createSeedSigner(hex.decode(SEED));
    expect(Object.keys(signer)).toEqual(["address", "sign"]);
    expect(JSON.stringify(signer)).toBe(JSON.stringify({ address: signer.address }));
  });
});
