import { type Address, generateKeyPairSigner } from "@solana/kit";
import { link } from "../linker/link.ts";
import { makeObject } from "../linker/testing/make-object.ts";
import type { Chain } from "./chain.ts";

/** `r0 = 0; exit`: succeeds whatever it is called with. */
const SUCCEED = [0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];

/** Installs a program that has no objection to anything, and has checked nothing. */
export async function createYesProgram({ svm }: Chain): Promise<Address> {
  const object = makeObject({
    sections: [{ name: ".text", flags: "ax", bytes: SUCCEED }],
    symbols: [{ name: "entrypoint", section: ".text", value: 0 }],
    relocations: [],
  });
  const { address } = await generateKeyPairSigner();
  svm.addProgram(address, link(object));
  return address;
}
