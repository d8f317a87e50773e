import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Chain, createChain, FEATURES } from "./testing/chain.ts";
import {
  type Deployer,
  deployProgram,
  removeAuthority,
  upgradeProgram,
  writeBuffer,
} from "./testing/deploy-program.ts";

const PROGRAM = readFileSync(`${import.meta.dirname}/escrow.so`);

describe.each(FEATURES)("deployment by ordinary transactions, with %s features", (features) => {
  test("the program runs from the next slot on, and says what it does not know", async () => {
    const chain = await createChain(features);
    const { program } = await deployProgram(deployerOf(chain), PROGRAM);
    chain.pass(0n);
    const unknown = { programAddress: program, accounts: [], data: Uint8Array.of(99) };
    expect(await chain.failureOf([unknown])).toBe("data");
  });

  test("it can be upgraded until its authority is given up, and never again", async () => {
    const chain = await createChain(features);
    const deployer = deployerOf(chain);
    const deployed = await deployProgram(deployer, PROGRAM);
    const upgrade = async () => {
      chain.pass(0n);
      return upgradeProgram(chain.fee_payer, deployed, await writeBuffer(deployer, PROGRAM));
    };
    await chain.send([await upgrade()]);
    chain.pass(0n);
    await chain.send([removeAuthority(chain.fee_payer, deployed)]);
    const refused = chain.send([await upgrade()]);
    await expect(refused).rejects.toThrow("Program not upgradeable");
    const again = chain.send([removeAuthority(chain.fee_payer, deployed)]);
    await expect(again).rejects.toThrow("Account is immutable");
  });
});

const deployerOf = (chain: Chain): Deployer => ({
  payer: chain.fee_payer,
  send: (instructions) => chain.send(instructions),
  rentOf: (bytes) => chain.svm.minimumBalanceForRentExemption(bytes),
});
