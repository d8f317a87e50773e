import { expect, test } from "vitest";
import { FINDINGS } from "./findings.ts";
import { LIES, tellLie } from "./testing/receipt-lies.ts";
import { SCENARIOS } from "./testing/receipt-scenarios.ts";
import { verifyReceipt } from "./verify-receipt.ts";

test.each(LIES)("$code: $why", async (lie) => {
  const { signed, ...given } = await tellLie(lie, await SCENARIOS[lie.of]());
  const report = await verifyReceipt(signed, given);
  const refuted = report.findings.filter(({ status }) => status === "refuted").map(({ code }) => code);
  expect(refuted).toContain(lie.code);
  expect(report.verdict).toBe("refuted");
});

test("every finding that refutes has a lie that it finds", () => {
  const refuting = Object.entries(FINDINGS).flatMap(([code, { status }]) =>
    status === "refuted" ? [code] : [],
  );
  expect(new Set(LIES.map(({ code }) => code))).toEqual(new Set(refuting));
});
