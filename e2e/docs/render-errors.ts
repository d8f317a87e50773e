import { ERROR_CODES, ERRORS } from "@infernet/schemas/errors";

/** `docs/errors.md` from the error catalogue; every edge serves the same as pages under `/errors/<code>`. */
export function renderErrors(): string {
  const rows = ERROR_CODES.map((code) => {
    const { status, title, retryable, hint } = ERRORS[code];
    return `| \`${code}\` | ${status} | ${title}. | ${retryable ? "yes" : "no"} | ${hint} |`;
  });
  return [
    "# Errors",
    "",
    "Failures are problem details (RFC 9457): `code` names the failure for programs, `detail` says what was wrong in this",
    "request, `errors` points into its body, `request_id` finds it in the log. Generated from `schemas/errors.ts` by",
    "`npm run docs`.",
    "",
    "| code | status | what | may succeed when repeated | what to do |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
