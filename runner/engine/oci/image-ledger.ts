import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeJson } from "../../write-json.ts";
import { chooseImagesToDrop, type KeptImage } from "./choose-images-to-drop.ts";

const Ledger = z.array(z.strictObject({ name: z.string(), bytes: z.number(), used_ms: z.number() }));

/** Which images this runner brought to the machine: those, and no others, are its to remove. */
export interface ImageLedger {
  /** Writes down that an image was brought here, or used again, and takes out those that make room for it. */
  use(name: string, bytes: number): Promise<KeptImage[]>;
  has(name: string): Promise<boolean>;
}

export const imageLedgerFile = (home: string): string => join(home, "images.json");

export function openImageLedger(
  file: string,
  limits: { images_max: number; bytes_max: number },
  now: () => number = Date.now,
): ImageLedger {
  let last: Promise<unknown> = Promise.resolve();

  async function use(name: string, bytes: number): Promise<KeptImage[]> {
    const others = (await readLedger(file)).filter((image) => image.name !== name);
    const images = [...others, { name, bytes, used_ms: now() }];
    const dropped = chooseImagesToDrop(images, limits);
    const kept = images.filter((image) => !dropped.includes(image));
    await writeJson(file, kept);
    return dropped;
  }

  return {
    use: (name, bytes) => {
      const used = last.then(() => use(name, bytes));
      last = used.catch(() => undefined);
      return used;
    },
    has: async (name) => (await readLedger(file)).some((image) => image.name === name),
  };
}

async function readLedger(file: string): Promise<KeptImage[]> {
  try {
    return Ledger.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    // Without it images stay until their owner removes them; that is no reason not to run.
    return [];
  }
}

/** The images that the runner of a home has brought here. */
export const readImageNames = async (home: string): Promise<string[]> =>
  (await readLedger(imageLedgerFile(home))).map(({ name }) => name);
