import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeJson } from "../../write-json.ts";

const Kept = z.strictObject({ sequence: z.int().min(0) });

/** Numbers of a runner's records, each higher than all before it: also after a restart, and when the clock was set back. */
export interface RecordSequence {
  /** The next one; it is on disk before it is used. */
  next(now_ms: number): Promise<number>;
}

/** Goes on from the last number in the home. What cannot be read there begins with the clock. */
export async function openSequence(home: string): Promise<RecordSequence> {
  const path = join(home, "peer-sequence.json");
  let last = await readLast(path);
  return {
    next: async (now_ms) => {
      last = Math.max(last + 1, now_ms);
      const sequence = last;
      await writeJson(path, { sequence } satisfies z.infer<typeof Kept>);
      return sequence;
    },
  };
}

async function readLast(path: string): Promise<number> {
  try {
    return Kept.parse(JSON.parse(await readFile(path, "utf8"))).sequence;
  } catch {
    return 0;
  }
}

/** Of a node that nobody remembers when it ends. */
export function createSequence(): RecordSequence {
  let last = 0;
  return {
    next: async (now_ms) => {
      last = Math.max(last + 1, now_ms);
      return last;
    },
  };
}
