import { expect, test } from "vitest";
import { parseTransactionError } from "./transaction-error.ts";

test.each([
  ["err: AlreadyProcessed, meta: TransactionMetadata {", "AlreadyProcessed"],
  ["err: InstructionError(0, Custom(10)), meta:", { InstructionError: [0, { Custom: 10 }] }],
  [
    "err: InstructionError(3, NotEnoughAccountKeys), meta:",
    { InstructionError: [3, "NotEnoughAccountKeys"] },
  ],
  ["err: DuplicateInstruction(2), meta:", { DuplicateInstruction: 2 }],
  [
    "err: InsufficientFundsForRent { account_index: 1 }, meta:",
    { InsufficientFundsForRent: { account_index: 1 } },
  ],
])("%s is written as a validator writes it", (text, error) => {
  expect(parseTransactionError(`FailedTransactionMetadata(FailedTransactionMetadata { ${text}`)).toEqual(
    error,
  );
});

test("what is no error of a transaction is refused", () => {
  expect(() => parseTransactionError("all is well")).toThrow("no error of a transaction");
});
