import { generateKeyPairSigner, getAddressDecoder, type Instruction } from "@solana/kit";
import { beforeEach, describe, expect, test } from "vitest";
import { INSTRUCTION } from "../layout.ts";
import { type Chain, createChain, FEATURES } from "./chain.ts";
import { PROGRAM } from "./world.ts";

const TAGS = Object.values(INSTRUCTION);

describe.each(FEATURES)("the program, with %s features", (features) => {
  let chain: Chain;

  beforeEach(async () => {
    chain = await createChain(features);
  });

  /** What a program at an address that begins with this byte says to a call. */
  async function sayAt(first: number, data: readonly number[], accounts = 0): Promise<string> {
    const programAddress = getAddressDecoder().decode(new Uint8Array(32).fill(9).with(0, first));
    chain.svm.addProgram(programAddress, PROGRAM);
    const { address } = await generateKeyPairSigner();
    const call: Instruction = {
      programAddress,
      accounts: Array.from({ length: accounts }, () => ({ address, role: 0 })),
      data: Uint8Array.from(data),
    };
    return chain.failureOf([call]);
  }

  test("takes no data for nothing, though its own key lies behind the data", async () => {
    for (const tag of TAGS) expect(await sayAt(tag, [])).toBe("data");
  });

  test("knows eight instructions, and each wants its accounts first", async () => {
    for (let tag = 0; tag < 256; tag += 1) {
      const isKnown = TAGS.some((known) => known === tag);
      expect(await sayAt(77, [tag])).toBe(isKnown ? "accounts" : "data");
    }
  });

  test("refuses more accounts than any instruction has", async () => {
    expect(await sayAt(77, [99], 31)).toBe("data");
    expect(await sayAt(77, [99], 32)).toBe("accounts");
    expect(await sayAt(77, [99], 200)).toBe("accounts");
  });
});
