/** A record of CSV (RFC 4180) with its line break; null is an empty field. */
export const renderCsvRecord = (fields: readonly (string | number | null)[]): string =>
  `${fields.map((field) => quoted(String(field ?? ""))).join(",")}\r\n`;

const quoted = (field: string): string =>
  /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
