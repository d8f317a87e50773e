import { expect, test } from "vitest";
import { transactionErrorText } from "./transaction-error-text.ts";

test("a program's own error is given by its number in hexadecimal", () => {
  expect(transactionErrorText({ InstructionError: [2, { Custom: 10 }] }, [])).toBe(
    "Error processing Instruction 2: custom program error: 0xa",
  );
});

test("the error of an instruction is in the words of the log", () => {
  const logs = ["Program 11111111111111111111111111111111 failed: insufficient account keys for instruction"];
  expect(transactionErrorText({ InstructionError: [0, "NotEnoughAccountKeys"] }, logs)).toBe(
    "Error processing Instruction 0: insufficient account keys for instruction",
  );
  expect(transactionErrorText({ InstructionError: [0, "NotEnoughAccountKeys"] }, [])).toMatch(
    "NotEnoughAccountKeys",
  );
});

test("an error of the whole transaction is in a validator's words, or goes by its name", () => {
  expect(transactionErrorText("BlockhashNotFound", [])).toBe("Blockhash not found");
  expect(transactionErrorText("TooManyAccountLocks", [])).toBe("TooManyAccountLocks");
  expect(transactionErrorText({ InsufficientFundsForRent: { account_index: 1 } }, [])).toMatch("account (1)");
});
