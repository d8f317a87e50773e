import { MicroAmount } from "@infernet/schemas/money";
import { z } from "zod";

/** How a setting is written where there is only text: in a flag or an environment variable. */
export type SettingKind = "text" | "number" | "boolean" | "list";

export interface Setting<Value, Standard> {
  kind: SettingKind;
  /** Of what a TOML file says, or of what `fromText` makes of a flag or an environment variable. */
  schema: z.ZodType<Value>;
  /** Undefined: nothing is set until somebody does. */
  standard: Standard;
  /** The default in words, where the value does not say it. */
  standard_text?: string;
  /** What it does, for a person: in the README, in `start --help` and in the file that `init` writes. */
  about: string;
  /** A value in TOML. */
  example: string;
  /** As Commander takes it, as in `--cores <n>`; settings without one are for file and environment. */
  flag?: string;
}

export const setting = <Value, Standard extends Value | undefined>(
  given: Setting<Value, Standard>,
): Setting<Value, Standard> => given;

/** What a flag or an environment variable says, as TOML would have it; what makes no sense is left to the schema. */
export function fromText(kind: SettingKind, text: string): unknown {
  switch (kind) {
    case "text":
      return text;
    case "number":
      return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "list":
      return text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    default:
      return kind satisfies never;
  }
}

const BYTES = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)?$/;
const UNITS = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;
const BINARY_UNITS = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** A number of bytes, or text as in `10 GiB`. */
export const Bytes = z.union([z.number(), z.string()]).transform((value, ctx) => {
  const bytes = typeof value === "number" ? value : parseBytes(value);
  if (bytes !== null && Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  ctx.addIssue({ code: "custom", message: 'must be bytes, as in 1073741824 or "1 GiB"' });
  return z.NEVER;
});

function parseBytes(text: string): number | null {
  const [, digits, unit = "B"] = BYTES.exec(text.trim()) ?? [];
  if (digits === undefined) return null;
  const factor = ({ ...UNITS, ...BINARY_UNITS } as Record<string, number>)[unit] ?? 1;
  return Math.round(Number(digits) * factor);
}

/** Micro-units, millionths of a unit: a whole number, as a number or as text. */
export const Micro = z.union([z.int().min(0), z.string()]).transform((value, ctx) => {
  const amount = MicroAmount.safeParse(String(value));
  if (amount.success) return amount.data;
  ctx.addIssue({ code: "custom", message: "must be a whole number of micro-units, millionths of a unit" });
  return z.NEVER;
});

export const Count = z
  .int({ error: "must be a whole number from 1" })
  .min(1, "must be a whole number from 1");
export const Flag = z.boolean({ error: "must be true or false" });
export const Share = z
  .number({ error: "must be a number above 0 and at most 1" })
  .gt(0, "must be above 0")
  .max(1, "must be at most 1");
export const Text = (chars_max: number): z.ZodType<string> =>
  z
    .string({ error: `must be text of 1 to ${chars_max} characters` })
    .min(1, `must be text of 1 to ${chars_max} characters`)
    .max(chars_max, `must be text of 1 to ${chars_max} characters`);
export const HttpAddress = z
  .string({ error: "must be an http or https address, as in https://edge.example" })
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: "must be an http or https address, as in https://edge.example",
  });
