import { describe, expect, it } from "vitest";
import { requestBondExit } from "./instructions/request-bond-exit.ts";
import { TOKEN } from "./instructions/role.ts";
import { readLogs, readTransactionError } from "./program-failure.ts";
import { plainAddress, seedSigner } from "./testing/seeds.ts";
import { computeBudget } from "./transaction/compute-budget.ts";
import { signTransaction } from "./transaction/sign-transaction.ts";

const PROGRAM = plainAddress(0xee);

/** A compute budget instruction, and one of the program. */
async function sampleRaw(): Promise<Uint8Array> {
  const provider = await seedSigner(1);
  const { raw } = await signTransaction({
    instructions: [
      ...computeBudget({ unit_limit: 1, unit_price: 0n }, 0n),
      requestBondExit(PROGRAM, provider.address, plainAddress(3)),
    ],
    fee_payer: provider,
    signers: [],
    blockhash: plainAddress(4),
    last_valid_block_height: 1,
  });
  return raw;
}

describe("why a transaction failed", () => {
  it("has the program's own name where its instruction failed", async () => {
    const failure = readTransactionError(
      { InstructionError: [1, { Custom: 17 }] },
      await sampleRaw(),
      PROGRAM,
    );
    expect(failure).toEqual({ text: "instruction 1 failed: sequence", program_error: "sequence" });
  });

  it("has no name of the program's where another's instruction failed", async () => {
    const failure = readTransactionError(
      { InstructionError: [0, { Custom: 17 }] },
      await sampleRaw(),
      PROGRAM,
    );
    expect(failure).toEqual({ text: "instruction 0 failed: custom error 17", program_error: null });
  });

  it.each([
    ["an unknown code", { InstructionError: [1, { Custom: 99 }] }, "instruction 1 failed: custom error 99"],
    [
      "a runtime error",
      { InstructionError: [1, "MissingAccount"] },
      'instruction 1 failed: "MissingAccount"',
    ],
    ["no instruction", "BlockhashNotFound", '"BlockhashNotFound"'],
    [
      "an instruction that is not there",
      { InstructionError: [9, { Custom: 1 }] },
      "instruction 9 failed: custom error 1",
    ],
  ])("is told for %s", async (_, err, text) => {
    expect(readTransactionError(err, await sampleRaw(), PROGRAM)).toEqual({ text, program_error: null });
  });

  it("is told apart in logs from the token program's errors", () => {
    const failed = (program: string) => `Program ${program} failed: custom program error: 0x11`;
    expect(readLogs(["Program log: hello", failed(PROGRAM)], PROGRAM)?.program_error).toBe("sequence");
    expect(readLogs([failed(TOKEN), failed(PROGRAM)], PROGRAM)).toEqual({
      text: `program ${TOKEN} failed: custom error 17`,
      program_error: null,
    });
    expect(readLogs(["Program log: hello"], PROGRAM)).toBeNull();
  });
});
