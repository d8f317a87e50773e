import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Bytes } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { GLYPH_BYTES, GLYPH_LABELS, glyphImages, glyphLabels } from "../fixtures/glyphs-model.ts";

export const DEMO_USAGE = `Usage: npm run demo -- [options]

Runs a whole network on this machine: the edge, four runners of which one cheats, a referee, and a webhook receiver.
It submits one job, shows how it is worked and checked, verifies its receipt offline, and cleans up; the receipt stays.

  --images FILE   your own images instead of the 2,000 that come along: raw bytes, 28 x 28 each, one after the other
  --labels FILE   what they show: one byte an image, 0 to 34 for 0-9 and A-Z without O
  --keep          leave everything running and print addresses and keys
  --json          print one JSON object on stdout at the end; everything else goes to stderr
  --help          this text
`;

export interface DemoOptions {
  images: Bytes;
  /** null when nobody knows what the images show. */
  labels: Bytes | null;
  keep: boolean;
  json: boolean;
  help: boolean;
}

/** @throws Error with one line a person can act on */
export function parseDemoOptions(argv: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      images: { type: "string" },
      labels: { type: "string" },
      keep: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { images, labels, ...flags } = values;
  if (images === undefined) {
    if (labels !== undefined) throw new Error("--labels belongs to --images: give both.");
    return { images: glyphImages(), labels: glyphLabels(), ...flags };
  }
  const pixels = readImages(images);
  return {
    images: pixels,
    labels: labels === undefined ? null : readLabels(labels, pixels.length / GLYPH_BYTES),
    ...flags,
  };
}

function readImages(file: string): Bytes {
  const bytes = new Uint8Array(readFileSync(file));
  if (bytes.length === 0 || bytes.length % GLYPH_BYTES !== 0) {
    throw new Error(
      `${file} has ${bytes.length} bytes, which is not a whole number of images of 28 x 28 bytes.`,
    );
  }
  if (bytes.length > LIMITS.blob_bytes_max) {
    throw new Error(`${file} has ${bytes.length} bytes; one blob takes ${LIMITS.blob_bytes_max}.`);
  }
  return bytes;
}

function readLabels(file: string, rows: number): Bytes {
  const bytes = new Uint8Array(readFileSync(file));
  if (bytes.length !== rows) throw new Error(`${file} has ${bytes.length} labels for ${rows} images.`);
  const wrong = bytes.findIndex((label) => label >= GLYPH_LABELS.length);
  if (wrong !== -1) {
    throw new Error(
      `${file}: label ${wrong} is ${bytes[wrong]}; labels go from 0 to ${GLYPH_LABELS.length - 1}.`,
    );
  }
  return bytes;
}
