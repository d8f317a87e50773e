import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { oldLogPath } from "./log-file.ts";

/** How often a log that is followed is looked at. */
const LOOK_MS = 200;

/** The last lines of a log, over as many of its files as it takes; null when there is no log. */
export async function readLastLines(path: string, lines_max: number): Promise<string[] | null> {
  let lines: string[] = [];
  for (let age = 0; ; age++) {
    const text = await readFile(oldLogPath(path, age), "utf8").catch(() => null);
    if (text === null) return age === 0 ? null : lines.slice(-lines_max);
    lines = [...text.split("\n").filter((line) => line !== ""), ...lines];
    if (lines.length >= lines_max) return lines.slice(-lines_max);
  }
}

/** Lines that are written from now on, also those of files that are begun meanwhile, until the signal. */
export async function* followLog(path: string, signal: AbortSignal): AsyncGenerator<string> {
  let reader = await openReader(path, "end");
  let rest = "";
  try {
    while (!signal.aborted) {
      const text = reader === null ? "" : await readRest(reader);
      const parts = `${rest}${text}`.split("\n");
      rest = parts.pop() ?? "";
      yield* parts;
      if (text !== "") continue;
      // Only when the old file is read to its end: nothing is added to one that has been put aside.
      if (reader === null || (await isReplaced(reader, path))) {
        await reader?.file.close();
        reader = await openReader(path, "start");
        if (reader !== null) continue;
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await reader?.file.close();
  }
}

/** A file, and how far it has been read. */
interface Reader {
  file: FileHandle;
  from: number;
}

async function openReader(path: string, from: "start" | "end"): Promise<Reader | null> {
  const file = await open(path, "r").catch(() => null);
  if (file === null) return null;
  return { file, from: from === "start" ? 0 : (await file.stat()).size };
}

async function readRest(reader: Reader): Promise<string> {
  const { file, from } = reader;
  const { size } = await file.stat();
  if (size <= from) return "";
  const buffer = Buffer.alloc(size - from);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  reader.from += bytesRead;
  return buffer.subarray(0, bytesRead).toString();
}

async function isReplaced({ file }: Reader, path: string): Promise<boolean> {
  const [own, named] = await Promise.all([file.stat(), stat(path).catch(() => null)]);
  return named !== null && (own.ino !== named.ino || own.dev !== named.dev);
}
