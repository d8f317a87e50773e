import { describe, expect, test } from "vitest";
import {
  LedgerAccountName,
  parseTransfer,
  renderTransfer,
  TransferId,
  TransferJson,
  Unit,
} from "./ledger.ts";

const json = TransferJson.parse({
  id: "deposit:1",
  kind: "post",
  debit: "outside",
  credit: "client:available",
  unit: "usdc:solana",
  amount: "9007199254740991",
  pending: null,
  at_ms: 1_000,
  memo: null,
});

describe("names", () => {
  test.each(["credit", "usdc:solana", "usdc:137", "x402:base-sepolia"])("%s is a unit", (text) => {
    expect(Unit.parse(text)).toBe(text);
  });

  test.each(["", "USDC", "usdc:", ":usdc", "usdc solana", "a-b", "a".repeat(65)])("%j is no unit", (text) => {
    expect(Unit.safeParse(text).success).toBe(false);
  });

  test.each(["fees", "client:available", "escrow.acct_019a:held"])("%s is an account's name", (text) => {
    expect(LedgerAccountName.parse(text)).toBe(text);
  });

  test.each(["", "Fees", "fees.", "a..b", "a b", "a".repeat(129)])("%j is no account's name", (text) => {
    expect(LedgerAccountName.safeParse(text).success).toBe(false);
  });

  test.each(["", "a b", "a\n", "ä", "a".repeat(201)])("%j is no transfer's id", (text) => {
    expect(TransferId.safeParse(text).success).toBe(false);
  });
});

describe("a transfer", () => {
  test("is a bigint in code and decimal text in JSON, to the last digit", () => {
    const transfer = parseTransfer(json);
    expect(transfer.amount).toBe(9007199254740991n);
    expect(renderTransfer(transfer)).toEqual(json);
    expect(JSON.parse(JSON.stringify(renderTransfer(transfer)))).toEqual(json);
  });

  test.each(["0", "-1", "1.5", "01", "1e3", "", "9007199254740992", "99999999999999999"])(
    "has no amount of %j",
    (amount) => {
      expect(TransferJson.safeParse({ ...json, amount }).success).toBe(false);
    },
  );

  test("names a pending one exactly when it settles one", () => {
    expect(TransferJson.safeParse({ ...json, pending: "hold" }).success).toBe(false);
    expect(TransferJson.safeParse({ ...json, kind: "commit" }).success).toBe(false);
    expect(TransferJson.safeParse({ ...json, kind: "commit", pending: "hold" }).success).toBe(true);
  });

  test("is between two accounts", () => {
    expect(TransferJson.safeParse({ ...json, credit: json.debit }).error?.issues[0]?.path).toEqual([
      "credit",
    ]);
  });
});
