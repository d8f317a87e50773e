import { homedir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";

/** Where a runner lives unless it is told otherwise. */
export const DEFAULT_HOME = join(homedir(), ".infernet");

export function parseEdge(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError("It must be an http or https address, as in https://edge.example.");
  }
  return text;
}

export function parseCount(text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
  return n;
}

export const parseText =
  (chars_max: number) =>
  (text: string): string => {
    if (text.length >= 1 && text.length <= chars_max) return text;
    throw new InvalidArgumentError(`It must have 1 to ${chars_max.toLocaleString("en")} characters.`);
  };
