import { expect, test } from "vitest";
import { renderCsvRecord } from "./csv.ts";

test("fields are joined by commas and the record ends with CRLF", () => {
  expect(renderCsvRecord(["a", null, "2026-01-01T00:00:00.000Z"])).toBe("a,,2026-01-01T00:00:00.000Z\r\n");
});

test("a field with a comma, a quote or a line break is quoted, and its quotes are doubled", () => {
  expect(renderCsvRecord(["a,b", 'say "x"', "one\ntwo", "one\rtwo", "plain 'x'"])).toBe(
    '"a,b","say ""x""","one\ntwo","one\rtwo",plain \'x\'\r\n',
  );
});
