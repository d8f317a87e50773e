import { styleText } from "node:util";

/** Colour for a terminal that shows it: none in a pipe, and none with NO_COLOR (https://no-color.org). */
const painter = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  styleText(format, text, { stream: process.stdout });

export const bold = painter("bold");
export const dim = painter("dim");
export const green = painter("green");
export const red = painter("red");
